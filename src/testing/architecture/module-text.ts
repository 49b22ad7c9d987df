import { type Token, tokensOf } from "./tokens.ts";

/** One place where a module names another. */
export interface ImportSite {
  readonly specifier: string;
  /** `type` vanishes when compiled, `dynamic` loads when it is reached, `value` and `re-export` at once. */
  readonly kind: "value" | "type" | "dynamic" | "re-export";
  readonly line: number;
}

/** What the architecture rules need to know of one source file. */
export interface ModuleText {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly tokens: readonly Token[];
  readonly imports: readonly ImportSite[];
  readonly defaultExportLine: number | undefined;
  readonly exportsEverythingLine: number | undefined;
  /** It only hands on what other modules export. */
  readonly isBarrel: boolean;
}

/** Reads one TypeScript file by its tokens; types are not known and not needed. */
export function readModule(path: string, source: string): ModuleText {
  const tokens = tokensOf(source);
  const imports: ImportSite[] = [];
  let defaultExportLine: number | undefined;
  let exportsEverythingLine: number | undefined;
  let handsOn = false;
  let ownTokens = 0;

  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const statement = statementAt(tokens, at);
    if (statement === undefined) {
      if (token.text !== ";") ownTokens += 1;
      continue;
    }
    if (statement.site !== undefined) imports.push(statement.site);
    if (statement.isDefault) defaultExportLine ??= token.line;
    if (statement.isEverything) exportsEverythingLine ??= token.line;
    if (statement.handsOn) handsOn = true;
    if (statement.isCode) ownTokens += 1;
    at = statement.end;
  }

  return {
    path,
    lines: source.split("\n").length - (source.endsWith("\n") ? 1 : 0),
    tokens,
    imports,
    defaultExportLine,
    exportsEverythingLine,
    isBarrel: handsOn && ownTokens === 0,
  };
}

interface Statement {
  /** The index of its last token. */
  readonly end: number;
  readonly site?: ImportSite;
  readonly isDefault?: boolean;
  readonly isEverything?: boolean;
  readonly handsOn?: boolean;
  readonly isCode?: boolean;
}

function statementAt(tokens: readonly Token[], at: number): Statement | undefined {
  const token = tokens[at];
  if (token?.kind !== "word" || tokens[at - 1]?.text === ".") return undefined;
  if (token.text === "import") return importAt(tokens, at);
  if (token.text === "export") return exportAt(tokens, at);
  return undefined;
}

function importAt(tokens: readonly Token[], at: number): Statement | undefined {
  const line = tokens[at]?.line ?? 0;
  const next = tokens[at + 1];
  if (next === undefined || next.text === "." || next.text === ":") return undefined;
  if (next.text === "(") {
    const argument = tokens[at + 2];
    const literal =
      argument?.kind === "string" || (argument?.kind === "template" && tokens[at + 3]?.text === ")");
    if (argument === undefined || !literal) return undefined;
    return { end: at + 2, isCode: true, site: { specifier: argument.text, kind: "dynamic", line } };
  }
  if (next.kind === "string") return { end: at + 1, site: { specifier: next.text, kind: "value", line } };

  const from = fromAfter(tokens, at + 1);
  if (from === undefined) return undefined;
  const isType = next.text === "type" && !["from", ","].includes(tokens[at + 2]?.text ?? "");
  return { end: from.end, site: { specifier: from.specifier, kind: isType ? "type" : "value", line } };
}

function exportAt(tokens: readonly Token[], at: number): Statement | undefined {
  const line = tokens[at]?.line ?? 0;
  const isType = tokens[at + 1]?.text === "type";
  const first = tokens[isType ? at + 2 : at + 1];
  if (first?.text === "default") return { end: at + 1, isDefault: true, isCode: true };
  if (first?.text !== "{" && first?.text !== "*") return undefined;

  const kind = isType ? "type" : "re-export";
  const from = fromAfter(tokens, at + 1);
  if (first.text === "*") {
    if (from === undefined) return undefined;
    return {
      end: from.end,
      handsOn: true,
      isEverything: true,
      site: { specifier: from.specifier, kind, line },
    };
  }
  const close = tokens.findIndex((token, index) => index > at && token.text === "}");
  const isDefault = tokens
    .slice(at, close)
    .some((token, index, list) => token.text === "default" && list[index - 1]?.text === "as");
  if (tokens[close + 1]?.text !== "from" || from === undefined) {
    return { end: close, isDefault, handsOn: true };
  }
  return { end: from.end, isDefault, handsOn: true, site: { specifier: from.specifier, kind, line } };
}

function fromAfter(tokens: readonly Token[], start: number): { specifier: string; end: number } | undefined {
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    const next = tokens[at + 1];
    if (token?.text === "from" && next?.kind === "string") return { specifier: next.text, end: at + 1 };
    if (
      token?.kind !== "word" &&
      token?.kind !== "string" &&
      !["{", "}", ",", "*"].includes(token?.text ?? "")
    ) {
      return undefined;
    }
  }
  return undefined;
}
