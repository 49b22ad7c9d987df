/** One lexical token of a TypeScript file. Comments and white space are no tokens. */
export interface Token {
  readonly kind: "word" | "number" | "string" | "template" | "template-rest" | "regex" | "punctuation";
  /** The text; of a string or of a template's chunks what stands between the quotes and expressions, as written. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

// After these words a slash begins a regular expression, although a word comes before it.
const BEFORE_EXPRESSION = new Set(
  "return typeof instanceof in of new delete void throw case do else yield await default".split(" "),
);
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy;
const NUMBER = /\d[\w.]*/y;

/**
 * The tokens of a TypeScript file, in order. Knows strings, nested templates, comments and regular expressions, so
 * that text inside them is never taken for code. One guess remains: a slash after `)` or `}` is a division.
 */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const openTemplates: number[] = []; // the depth of braces at which each `${` began
  let depth = 0;
  let line = 1;
  let at = source.startsWith("#!") ? endOfLine(source, 0) : 0;

  function take(kind: Token["kind"], end: number, text = source.slice(at, end)): void {
    tokens.push({ kind, text, line });
    line += newlines(source.slice(at, end));
    at = end;
  }

  function takeTemplateChunk(kind: "template" | "template-rest"): void {
    const end = endOfChunk(source, at + 1);
    const opensExpression = source.startsWith("${", end);
    take(kind, Math.min(end + (opensExpression ? 2 : 1), source.length), source.slice(at + 1, end));
    if (opensExpression) openTemplates.push(depth);
  }

  while (at < source.length) {
    const char = source.charAt(at);
    const comment = endOfComment(source, at);
    if (comment !== undefined) {
      line += newlines(source.slice(at, comment));
      at = comment;
    } else if (/\s/.test(char)) {
      if (char === "\n") line += 1;
      at += 1;
    } else if (char === '"' || char === "'") {
      const end = endOfString(source, at);
      take("string", end, source.slice(at + 1, end - 1));
    } else if (char === "`") {
      takeTemplateChunk("template");
    } else if (char === "}" && openTemplates.at(-1) === depth) {
      openTemplates.pop();
      takeTemplateChunk("template-rest");
    } else if (char === "/" && regexMayStart(tokens.at(-1))) {
      take("regex", endOfRegex(source, at));
    } else {
      if (char === "{") depth += 1;
      if (char === "}") depth -= 1;
      const word = endOfMatch(WORD, source, at);
      const number = endOfMatch(NUMBER, source, at);
      if (word !== undefined) take("word", word);
      else if (number !== undefined) take("number", number);
      else take("punctuation", at + 1);
    }
  }
  return tokens;
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf("\n", from);
  return end === -1 ? source.length : end;
}

function endOfComment(source: string, at: number): number | undefined {
  if (source.startsWith("//", at)) return endOfLine(source, at);
  if (!source.startsWith("/*", at)) return undefined;
  const end = source.indexOf("*/", at + 2);
  return end === -1 ? source.length : end + 2;
}

function endOfString(source: string, at: number): number {
  const quote = source.charAt(at);
  for (let end = at + 1; end < source.length; end += 1) {
    const char = source.charAt(end);
    if (char === "\\") end += 1;
    else if (char === quote || char === "\n") return end + 1;
  }
  return source.length;
}

function endOfChunk(source: string, from: number): number {
  for (let end = from; end < source.length; end += 1) {
    if (source.charAt(end) === "\\") end += 1;
    else if (source.charAt(end) === "`" || source.startsWith("${", end)) return end;
  }
  return source.length;
}

function endOfRegex(source: string, at: number): number {
  let insideClass = false;
  for (let end = at + 1; end < source.length; end += 1) {
    const char = source.charAt(end);
    if (char === "\\") end += 1;
    else if (char === "[") insideClass = true;
    else if (char === "]") insideClass = false;
    else if (char === "\n") return end;
    else if (char === "/" && !insideClass) return endOfMatch(/[a-z]*/y, source, end + 1) ?? end + 1;
  }
  return source.length;
}

function regexMayStart(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "word") return BEFORE_EXPRESSION.has(before.text);
  return before.kind === "punctuation" && ![")", "]", "}"].includes(before.text);
}

function endOfMatch(pattern: RegExp, source: string, at: number): number | undefined {
  const sticky = new RegExp(pattern.source, pattern.flags);
  sticky.lastIndex = at;
  return sticky.test(source) ? sticky.lastIndex : undefined;
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}
