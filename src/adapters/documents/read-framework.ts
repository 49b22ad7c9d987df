import { Ajv2020 } from "ajv/dist/2020.js";
import { Framework } from "../../core/compliance/framework.ts";
import type { FieldPath } from "../../core/documents/check/fault.ts";
import { homesOfKeys } from "../../core/documents/check/schema-wording.ts";
import { shown } from "../../core/documents/check/shown.ts";
import type { Problem } from "../../core/documents/kinds.ts";
import { decodeText } from "./decode-text.ts";
import { LIMITS } from "./limits.ts";
import { parseYaml } from "./parse-yaml.ts";
import { type SchemaFault, schemaFaults } from "./schema-problems.ts";
import { LineIndex } from "./text-position.ts";
import type { SchemaError } from "./validators.ts";
import { offsetOf } from "./yaml-nodes.ts";

const VALIDATE = new Ajv2020({ allErrors: true, verbose: true, ownProperties: true }).compile<Framework>(
  Framework,
);
const START = "start from a copy of a file that is shipped, such as frameworks/soc2.yaml";
const HOMES = homesOfKeys(Framework);

/** A framework, or what is wrong with its file, at its place. */
export type FrameworkRead =
  | { readonly framework: Framework }
  | { readonly problems: readonly [Problem, ...Problem[]] };

/** Reads the file of one framework. Nothing is thrown for whatever stands in it. */
export function readFramework(file: string, bytes: Uint8Array): FrameworkRead {
  if (bytes.length > LIMITS.bytesPerFile) {
    const message = `the file is larger than ${LIMITS.bytesPerFile / 1024} KiB`;
    return refused(file, { code: "file-too-large", message, fix: "split it into two frameworks" });
  }
  const decoded = decodeText(bytes);
  if ("wrong" in decoded) {
    const message = "the file is not UTF-8";
    return refused(file, { code: "file-not-utf8", message, fix: "save the file as UTF-8" }, decoded.wrong);
  }
  const { documents, problems } = parseYaml(decoded.text);
  const lines = new LineIndex(decoded.text);
  const [malformed] = problems;
  if (malformed !== undefined) {
    const { offset, ...problem } = malformed;
    return refused(file, problem, lines.positionOf(offset));
  }
  const [document, second] = documents;
  if (second !== undefined) {
    const message = `the file holds ${documents.length} documents, not one framework`;
    const problem = {
      code: "file-too-many-documents",
      message,
      fix: "write each framework into its own file",
    };
    return refused(file, problem, lines.positionOf(second.start));
  }
  if (document === undefined) {
    return refused(file, { code: "document-not-a-map", message: "the file is empty", fix: START });
  }
  const { value } = document;
  const [first, ...others] = faultsOf(value).map(({ path, at, code, message, fix }) => {
    const { line, column } = lines.positionOf(offsetOf(document.nodes(), path, at, document.start));
    return { file, line, column, code, message, fix };
  });
  // Without a fault it is what the schema says.
  return first === undefined ? { framework: value as Framework } : { problems: [first, ...others] };
}

function refused(
  file: string,
  problem: Pick<Problem, "code" | "message" | "fix">,
  place: Pick<Problem, "line" | "column"> = { line: 1, column: 1 },
): FrameworkRead {
  return { problems: [{ file, ...place, ...problem }] };
}

function faultsOf(value: unknown): readonly SchemaFault[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const message = `a framework is a map of apiVersion, kind, metadata and spec, not ${shown(value)}`;
    return [
      {
        path: [],
        at: "key",
        code: "document-not-a-map",
        message,
        fix: START,
      },
    ];
  }
  if (VALIDATE(value)) return repeatedControls(value);
  return schemaFaults((VALIDATE.errors ?? []) as SchemaError[], HOMES); // `verbose` adds what SchemaError has
}

function repeatedControls({ spec }: Framework): readonly SchemaFault[] {
  const seen = new Set<string>();
  return spec.controls.flatMap(({ id }, at) => {
    const path: FieldPath = ["spec", "controls", at, "id"];
    const message = `the control ${shown(id)} stands twice`;
    const fault = { path, at: "value", code: "control-twice", message, fix: "keep one of them" } as const;
    const repeated = seen.has(id);
    seen.add(id);
    return repeated ? [fault] : [];
  });
}
