import type { Allowance } from "../../core/documents/check/allowance.ts";
import type { InvalidDocument } from "../../core/documents/check/index-documents.ts";
import { homesOfKeys } from "../../core/documents/check/schema-wording.ts";
import { shown } from "../../core/documents/check/shown.ts";
import { type Document, type Kind, type Problem, SCHEMAS, type Sourced } from "../../core/documents/kinds.ts";
import { nearest } from "../../core/text/nearest.ts";
import { decodeText } from "./decode-text.ts";
import { LIMITS } from "./limits.ts";
import { parseYaml } from "./parse-yaml.ts";
import { scanSecrets } from "./scan-secrets.ts";
import { type SchemaFault, schemaFaults } from "./schema-problems.ts";
import type { SourceFile } from "./source-file.ts";
import { LineIndex, type Position } from "./text-position.ts";
import { type SchemaError, VALIDATORS } from "./validators.ts";
import { offsetOf } from "./yaml-nodes.ts";

/** What one file holds, before it is seen together with the others. */
export interface FileRead {
  readonly file: string;
  /** Some of its text could not be read, so it may hold documents that nobody knows of. */
  readonly unread: boolean;
  readonly valid: readonly Sourced[];
  readonly invalid: readonly InvalidDocument[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly allowances: readonly Allowance[];
  /** Documents that are there, valid or not. */
  readonly count: number;
}

const HOMES = new Map(Object.entries(SCHEMAS).map(([kind, schema]) => [kind, homesOfKeys(schema)]));

/** Reads and validates one file by itself. Every problem is in the result; nothing is thrown. */
export function readFile(file: SourceFile): FileRead {
  const nothing = {
    file: file.path,
    unread: true,
    valid: [],
    invalid: [],
    warnings: [],
    allowances: [],
    count: 0,
  };
  const refused = refusal(file);
  if (refused !== undefined) return { ...nothing, problems: [refused] };
  const decoded = decodeText(file.bytes);
  if ("wrong" in decoded) {
    const problem = {
      code: "file-not-utf8",
      message:
        decoded.encoding === undefined
          ? "this byte is no UTF-8"
          : `the file is ${decoded.encoding}, not UTF-8`,
      fix: "save the file as UTF-8",
    };
    return { ...nothing, problems: [{ file: file.path, ...decoded.wrong, ...problem }] };
  }
  return readText(file, decoded.text);
}

function refusal(file: SourceFile): Problem | undefined {
  const at = { file: file.path, line: 1, column: 1 };
  if (file.symlink) {
    return {
      ...at,
      code: "file-symlink",
      message: "this is a symbolic link",
      fix: "put the document itself here: a link may lead out of what was reviewed",
    };
  }
  if (file.unreadable !== undefined) {
    return {
      ...at,
      code: "file-unreadable",
      message: `this cannot be read (${file.unreadable})`,
      fix: "check its permissions",
    };
  }
  if (file.bytes.length > LIMITS.bytesPerFile) {
    return {
      ...at,
      code: "file-too-large",
      message: `the file is larger than ${LIMITS.bytesPerFile / 1024} KiB`,
      fix: "split it: one file per service",
    };
  }
  return undefined;
}

function readText(file: SourceFile, text: string): FileRead {
  const lines = new LineIndex(text);
  const at = (offset: number): Position & { file: string } => ({
    file: file.path,
    ...lines.positionOf(offset),
  });
  const parsed = parseYaml(text);
  const problems: Problem[] = parsed.problems.map(({ offset, ...problem }) => ({
    ...at(offset),
    ...problem,
  }));
  const scan = scanSecrets(text, lines, file.path);
  problems.push(...scan.problems);

  const valid: Sourced[] = [];
  const invalid: InvalidDocument[] = [];
  for (const document of parsed.documents) {
    const holdsSecret = scan.offsets.length > 0 && holdsAny(text, document.start, scan.offsets);
    const { line } = lines.positionOf(document.start);
    const faults = document.value === undefined ? [] : validate(document.value);
    if (faults.length > 0) {
      const root = document.nodes();
      for (const { path, at: place, ...problem } of faults) {
        problems.push({ ...at(offsetOf(root, path, place, document.start)), ...problem });
      }
    }
    if (document.value !== undefined && faults.length === 0 && !holdsSecret) {
      // The validator of its kind has just accepted it.
      const sourced = { document: document.value as Document, file: file.path, line };
      valid.push(file.blob === undefined ? sourced : { ...sourced, blob: file.blob });
    } else {
      const known = identityOf(document.value);
      if (known !== undefined) invalid.push({ ...known, file: file.path, line });
    }
  }
  return {
    file: file.path,
    unread: parsed.problems.length > 0,
    valid,
    invalid,
    problems,
    warnings: scan.warnings,
    allowances: scan.allowances,
    count: parsed.documents.length,
  };
}

/** Whether one of the places is in the document that begins at `start`, or in the comments that stand with it. */
function holdsAny(text: string, start: number, offsets: readonly number[]): boolean {
  const next = text.indexOf("\n---", start);
  const begin = text.lastIndexOf("\n---", start);
  return offsets.some((offset) => offset > begin && (next === -1 || offset < next));
}

function validate(value: unknown): readonly SchemaFault[] {
  const top = { path: [], at: "key" } as const;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const message = `a document is a map of apiVersion, kind, metadata and spec, not ${shown(value)}`;
    return [{ ...top, code: "document-not-a-map", message, fix: "see `cre register` for a start" }];
  }
  const kind = Object.hasOwn(value, "kind") ? (value as { kind: unknown }).kind : undefined;
  if (kind === undefined) {
    const fix = `add \`kind\`: one of ${Object.keys(SCHEMAS).join(", ")}`;
    return [{ ...top, code: "kind-missing", message: "`kind` is missing", fix }];
  }
  if (!isKind(kind)) {
    const near =
      typeof kind === "string" && kind.length < 64 ? nearest(kind, Object.keys(SCHEMAS)) : undefined;
    return [
      {
        path: ["kind"],
        at: "value",
        code: "kind-unknown",
        message: `\`kind\` is ${shown(kind)}, which is none of ${Object.keys(SCHEMAS).join(", ")}`,
        fix: near === undefined ? "use one of them" : `did you mean \`${near}\`?`,
      },
    ];
  }
  const validator = VALIDATORS[kind];
  if (validator(value)) return [];
  return schemaFaults((validator.errors ?? []) as SchemaError[], HOMES.get(kind) ?? new Map());
}

function isKind(kind: unknown): kind is Kind {
  return typeof kind === "string" && Object.hasOwn(SCHEMAS, kind);
}

/** Kind and name of a document that is not valid, as far as they can be told. */
function identityOf(value: unknown): { kind: Kind; name: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, metadata } = value as { kind?: unknown; metadata?: { name?: unknown } | null };
  if (!isKind(kind)) return undefined;
  const name = typeof metadata === "object" && metadata !== null ? metadata.name : undefined;
  return { kind, name: typeof name === "string" ? name : "" };
}
