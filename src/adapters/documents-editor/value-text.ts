import { parseDocument, visit } from "yaml";
import { CreError } from "../../core/model/errors.ts";

/**
 * The value that a person wrote on a command line, read as YAML 1.2 core: `true`, `3`, `[a, b]`, `{ team: x }`, else
 * text. Throws a CreError that never repeats the value.
 */
export function parseValueText(text: string): unknown {
  try {
    return valueOf(text);
  } catch (error) {
    if (error instanceof CreError) throw error;
    throw unreadable(); // nested deeper than the parser can follow
  }
}

function valueOf(text: string): unknown {
  const document = parseDocument(text, { schema: "core", logLevel: "error" });
  let borrowed = false;
  visit(document, {
    Alias: () => {
      borrowed = true;
    },
    Node: (_, node) => {
      if (node.tag !== undefined || ("anchor" in node && node.anchor !== undefined)) borrowed = true;
    },
  });
  if (document.errors.length > 0 || document.warnings.length > 0 || borrowed) {
    throw unreadable();
  }
  return document.toJS() as unknown;
}

function unreadable(): CreError {
  return new CreError("value-unreadable", "The value is no YAML of one line.", {
    fix: "Put text with special characters in quotes: --set 'PATH=\"text: with a colon\"'.",
  });
}
