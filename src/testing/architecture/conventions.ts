import { isTest, type Violation } from "./layers.ts";
import type { ModuleText } from "./module-text.ts";
import type { Token } from "./tokens.ts";

const MAX_LINES = 300;
const MAX_TEST_LINES = 600;
const VAGUE_NAMES = /^(utils?|helpers?|misc|shared|lib|stuff|index)$/;
const TEST_FILE = /\.i?test\.ts$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The file that defines `Secret`. */
const SECRET = "src/core/model/secret.ts";

/** Globals that make a result depend on more than its arguments. */
const IMPURE_GLOBALS = new Set(
  "process Buffer console fetch crypto performance setTimeout setInterval setImmediate globalThis require".split(
    " ",
  ),
);

/** What each file is called, how long it is, and what it exports. */
export function shapeViolations(modules: readonly ModuleText[]): Violation[] {
  return modules.flatMap((module) => {
    const { path, lines, defaultExportLine, exportsEverythingLine } = module;
    const found: Violation[] = [];
    const add = (rule: string, message: string, line = 1): void =>
      void found.push({ rule, path, line, message });

    const limit = TEST_FILE.test(path) ? MAX_TEST_LINES : MAX_LINES;
    if (lines > limit) {
      add("file-length", `${lines} lines, more than ${limit}: it holds more than one concept`, limit);
    }
    if (defaultExportLine !== undefined && path !== "vitest.config.ts") {
      add("no-default-export", "export by name", defaultExportLine);
    }
    if (exportsEverythingLine !== undefined) {
      add("no-barrel", "`export *` hides what is exported", exportsEverythingLine);
    }
    if (module.isBarrel) add("no-barrel", "import from the module that defines the name");

    for (const part of path.split("/").map((name) => name.replace(/(\.i?test|\.config)?\.ts$/, ""))) {
      if (VAGUE_NAMES.test(part)) add("name-says-the-concept", `${part} names no concept`);
      if (!KEBAB_CASE.test(part)) add("kebab-case", `${part} is not kebab-case`);
    }
    return found;
  });
}

/** Every variable of a module that can change, outside test files, and every module that a test replaces. */
export function stateViolations(modules: readonly ModuleText[]): Violation[] {
  return modules.flatMap(({ path, tokens }) => {
    const found: Violation[] = [];
    let depth = 0;
    for (const [at, token] of tokens.entries()) {
      depth += depthChange(token);
      if (
        depth === 0 &&
        isWord(token, "let", "var") &&
        !TEST_FILE.test(path) &&
        tokens[at - 1]?.text !== "."
      ) {
        const message = "state of a module outlives its caller: keep it in an object that is passed on";
        found.push({ rule: "no-module-state", path, line: token.line, message });
      }
      if (isWord(token, "mock", "doMock") && isWord(tokens[at - 2], "vi") && tokens[at - 1]?.text === ".") {
        const message = "give the code its port instead";
        found.push({ rule: "no-module-mocks", path, line: token.line, message });
      }
    }
    return found;
  });
}

/** In core and runner: every use of the clock, randomness or the process, which must come in through a port. */
export function purityViolations(modules: readonly ModuleText[]): Violation[] {
  return modules
    .filter(({ path }) => /^src\/(core|runner)\//.test(path) && !isTest(path))
    .flatMap(({ path, tokens }) =>
      tokens.flatMap((token, at) => {
        const impure = impureAt(tokens, at);
        if (impure === undefined) return [];
        return [{ rule: "pure", path, line: token.line, message: `${impure} must come in through a port` }];
      }),
    );
}

function impureAt(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  const [before, next, afterNext] = [tokens[at - 1]?.text, tokens[at + 1]?.text, tokens[at + 2]?.text];
  if (token?.kind !== "word" || before === ".") return undefined;
  if (token.text === "Date" && next === "." && afterNext === "now") return "Date.now";
  if (token.text === "Date" && next === "(" && (before !== "new" || afterNext === ")")) {
    return "the present time";
  }
  if (token.text === "Date" && before === "new" && next !== "(") return "the present time";
  if (token.text === "Math" && next === "." && afterNext === "random") return "Math.random";
  // A property or a parameter may bear such a name; a use has something done to it.
  const isUse = next === "." || next === "(" || next === "[" || next === "?";
  return IMPURE_GLOBALS.has(token.text) && isUse ? token.text : undefined;
}

/**
 * Every use of `Secret.reveal` outside the given files, and every file of the list that uses it no more: the list is
 * what a reviewer reads to know where secrets are in the clear.
 */
export function revealViolations(modules: readonly ModuleText[], allowed: readonly string[]): Violation[] {
  const uses = modules
    .filter(({ path }) => path.startsWith("src/") && path !== SECRET && !isTest(path))
    .flatMap(({ path, tokens }) =>
      tokens.filter((token) => isWord(token, "reveal")).map(({ line }) => ({ path, line })),
    );
  const unlisted = uses
    .filter(({ path }) => !allowed.includes(path))
    .map(({ path, line }) => ({
      path,
      line,
      rule: "reveal",
      message: "a secret in the clear here must be reviewed and listed",
    }));
  const stale = allowed
    .filter((path) => !uses.some((use) => use.path === path))
    .map((path) => ({ path, line: 1, rule: "reveal", message: "listed, but does not use reveal" }));
  return [...unlisted, ...stale];
}

const FORCING_OPTION = /^(--force(-with-lease|-if-includes)?(=|$)|--mirror$|--delete$|--prune$)/;
const FORCING_REFSPEC = /^(\+.*)?:refs\/heads\//;

/** Anything in the product that could make git overwrite or delete what another run has pushed. */
export function forceViolations(modules: readonly ModuleText[]): Violation[] {
  return modules
    .filter(({ path }) => path.startsWith("src/") && !isTest(path))
    .flatMap(({ path, tokens }) =>
      literalsOf(tokens)
        .filter(({ text }) => FORCING_OPTION.test(text) || FORCING_REFSPEC.test(text))
        .map(({ line, text }) => ({
          rule: "no-force",
          path,
          line,
          message: `${text} may overwrite a branch`,
        })),
    );
}

/** The text of every string and template, with `${}` for what is put in. */
function literalsOf(tokens: readonly Token[]): { text: string; line: number }[] {
  const literals: { text: string; line: number }[] = [];
  for (const { kind, text, line } of tokens) {
    const last = literals.at(-1);
    if (kind === "string" || kind === "template") literals.push({ text, line });
    if (kind === "template-rest" && last !== undefined) last.text += `\${}${text}`;
  }
  return literals;
}

function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === "word" && words.includes(token.text);
}

function depthChange(token: Token): number {
  if (token.kind !== "punctuation") return 0;
  if (["{", "(", "["].includes(token.text)) return 1;
  return ["}", ")", "]"].includes(token.text) ? -1 : 0;
}
