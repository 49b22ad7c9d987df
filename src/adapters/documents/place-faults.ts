import type { Fault } from "../../core/documents/check/fault.ts";
import type { Problem } from "../../core/documents/kinds.ts";
import { decodeText } from "./decode-text.ts";
import { type ParsedDocument, parseYaml } from "./parse-yaml.ts";
import type { SourceFile } from "./source-file.ts";
import { LineIndex } from "./text-position.ts";
import { offsetOf, type YamlNode } from "./yaml-nodes.ts";

interface Placer {
  place(fault: Fault): { readonly line: number; readonly column: number };
}

/**
 * Faults with the line and column they have in their files. Reads the text of such files once more: most runs have no
 * fault, so nothing is kept for them.
 */
export function placeFaults(
  faults: readonly Fault[],
  files: ReadonlyMap<string, SourceFile>,
): readonly Problem[] {
  const placers = new Map<string, Placer>();
  return faults.map((fault) => {
    const { file } = fault.source;
    const placer = placers.get(file) ?? placerOf(files.get(file));
    placers.set(file, placer);
    return { file, ...placer.place(fault), code: fault.code, message: fault.message, fix: fault.fix };
  });
}

function placerOf(file: SourceFile | undefined): Placer {
  const decoded = file === undefined ? undefined : decodeText(file.bytes);
  if (decoded === undefined || "wrong" in decoded) {
    return { place: ({ source }) => ({ line: source.line, column: 1 }) };
  }
  const lines = new LineIndex(decoded.text);
  const documents = new Map<number, ParsedDocument>(
    parseYaml(decoded.text).documents.map((document) => [lines.positionOf(document.start).line, document]),
  );
  const nodes = new Map<number, YamlNode>();
  return {
    place: ({ source, path, at }) => {
      const document = documents.get(source.line);
      if (document === undefined) return { line: source.line, column: 1 };
      const root = nodes.get(source.line) ?? document.nodes();
      nodes.set(source.line, root);
      return lines.positionOf(offsetOf(root, path, at ?? "value", document.start));
    },
  };
}
