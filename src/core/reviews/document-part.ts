import type { Kind } from "../documents/kinds.ts";

/** A part of a document whose origin is asked for: nothing else that its file or the document says counts. */
export interface DocumentPart {
  readonly kind: Kind;
  readonly name: string;
  readonly file: string;
  /** Paths of the fields that it is made of. */
  readonly fields: readonly (readonly string[])[];
}

/** The commit of the default branch that made a part of a document say what it says now. */
export interface PartOrigin {
  readonly commit: string;
  /** What the document was called, where it was, and with which blob, in that commit. */
  readonly name: string;
  readonly file: string;
  readonly blob: string;
  /** What the part says there, to be compared with other texts. */
  readonly said: string;
}
