import { shown } from "../../core/documents/check/shown.ts";
import type { YamlEntry, YamlNode } from "./yaml-nodes.ts";
import type { TextProblem } from "./yaml-problems.ts";

const RESERVED = new Set(["__proto__", "constructor", "prototype"]);
const PLAIN_TAG =
  /^(!|!!(str|int|float|bool|null|seq|map)|tag:yaml\.org,2002:(str|int|float|bool|null|seq|map))$/;

/** Keys that mean something to the language and nothing to a document. */
export function isReservedKey(key: unknown): boolean {
  return typeof key === "string" && RESERVED.has(key);
}

/** All that keeps a well-formed document from being constructed: keys that stand twice or may not be, and tags. */
export function diagnose(root: YamlNode): readonly TextProblem[] {
  const found: TextProblem[] = [];
  const visit = (node: YamlNode): void => {
    if (node.kind === "alias") return;
    if (node.tag !== "" && !PLAIN_TAG.test(node.tag)) {
      found.push({
        offset: Math.max(node.offset, 0),
        code: "yaml-tag",
        message: "custom tags are not allowed",
        fix: "remove the tag: plain YAML says the same",
      });
    }
    if (node.kind === "list") for (const item of node.items) visit(item);
    if (node.kind === "map") {
      found.push(...keyProblems(node.entries));
      for (const { value } of node.entries) visit(value);
    }
  };
  visit(root);
  return found;
}

/** Texts with half a surrogate pair, which only an escape can say: no file, hash or provider could carry them on. */
export function halfCharacters(root: YamlNode): readonly TextProblem[] {
  const found: TextProblem[] = [];
  const judge = (text: string, offset: number): void => {
    if (text.isWellFormed()) return;
    found.push({
      offset: Math.max(offset, 0),
      code: "yaml-half-character",
      message: "an escape in this text is half of a character",
      fix: "write the character itself",
    });
  };
  const visit = (node: YamlNode): void => {
    if (node.kind === "scalar") judge(node.text, node.offset);
    if (node.kind === "list") for (const item of node.items) visit(item);
    if (node.kind !== "map") return;
    for (const { key, keyOffset, value } of node.entries) {
      if (key !== undefined) judge(key, keyOffset);
      visit(value);
    }
  };
  visit(root);
  return found;
}

function keyProblems(entries: readonly YamlEntry[]): TextProblem[] {
  const seen = new Set<string>();
  return entries.flatMap(({ key, keyOffset }): TextProblem[] => {
    const offset = Math.max(keyOffset, 0);
    if (key === undefined) {
      return [
        {
          offset,
          code: "key-not-text",
          message: "a list, a map or an alias stands as a key",
          fix: "use a text as the key",
        },
      ];
    }
    if (isReservedKey(key)) {
      return [
        {
          offset,
          code: "key-reserved",
          message: `the key ${shown(key)} is not allowed`,
          fix: "use another key",
        },
      ];
    }
    if (seen.has(key)) {
      return [
        {
          offset,
          code: "key-duplicate",
          message: `the key ${shown(key)} stands twice in one map`,
          fix: "keep one of them",
        },
      ];
    }
    seen.add(key);
    return [];
  });
}
