import type { Documents, Kind } from "../kinds.ts";

/** Where in a document: keys and list positions from its top. */
export type FieldPath = readonly (string | number)[];

/** The document that a fault is in, by the file and the line of its first key. */
export interface DocumentPlace {
  readonly file: string;
  readonly line: number;
}

/**
 * Something wrong with one document. Pure: the reader, which has the text, turns the path into line and column.
 * A path that is not there means its nearest parent that is.
 */
export interface Fault {
  readonly source: DocumentPlace;
  readonly path: FieldPath;
  /** Points at the key instead of its value. */
  readonly at?: "key";
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Worth saying, but the document stays valid. */
  readonly warning?: true;
}

/** What the cross checks look at. */
export interface CheckInput {
  /** Documents that are valid by themselves, each name once. */
  readonly documents: Documents;
  /** Whether a document of this kind and name exists but is invalid: references to it are no fault of their own. */
  isInvalid(kind: Kind, name: string): boolean;
}

/** One text for one place, since a document begins on a line of its own. */
export function placeKey({ file, line }: DocumentPlace): string {
  return `${file}\n${line}`;
}

/** `spec.deliver[0].env-file.path`, as people write it. */
export function fieldName(path: FieldPath): string {
  return path
    .map((part, at) => {
      if (typeof part === "number") return `[${part}]`;
      const plain = /^[A-Za-z_][\w-]*$/.test(part) ? part : `"${part}"`;
      return at === 0 ? plain : `.${plain}`;
    })
    .join("");
}
