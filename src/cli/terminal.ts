import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { styleText } from "node:util";
import { CreError } from "../core/model/errors.ts";

export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "magenta" | "cyan";

/** The part of a stream that the terminal needs. */
export interface TextSink {
  write(text: string, done?: (error?: Error | null) => void): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface TerminalSettings {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly color: boolean;
  readonly quiet: boolean;
  /** File that gets the result instead of standard output; relative to `cwd`. */
  readonly output?: string;
  readonly cwd: string;
}

/** Results go to standard output (or the `--output` file), everything else to standard error. */
export interface Terminal {
  /** Columns that a result may use; Infinity when nobody looks at it. */
  readonly width: number;
  /** Text of the result; written as one piece by `flush`. */
  result(text: string): void;
  /** Progress; dropped by `--quiet`. */
  note(text: string): void;
  /** Something to act on; never dropped. */
  warn(text: string): void;
  error(text: string): void;
  /** Colours a piece of the result if its reader can show colours. */
  style(style: Style, text: string): string;
  /** Writes the result. Resolves when the stream took it. */
  flush(): Promise<void>;
}

/** NO_COLOR (no-color.org), TERM=dumb and a stream that is no terminal turn colours off; FORCE_COLOR turns them on. */
function colors(settings: TerminalSettings, sink: TextSink): boolean {
  if (!settings.color || (settings.env["NO_COLOR"] ?? "") !== "") return false;
  const forced = settings.env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return sink.isTTY === true && settings.env["TERM"] !== "dumb";
}

function widthOf(settings: TerminalSettings): number {
  if (settings.output !== undefined) return Infinity;
  const declared = Number(settings.env["COLUMNS"]);
  if (Number.isInteger(declared) && declared >= 20) return declared;
  return settings.stdout.isTTY === true ? Math.max(settings.stdout.columns ?? 80, 20) : Infinity;
}

// C0 except tab and newline, DEL, C1, and the marks that reorder text: a document must not steer the terminal.
// oxlint-disable-next-line no-control-regex -- the control characters are what it is about
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
// oxlint-disable-next-line no-control-regex -- the escape character begins them
const OWN_STYLES = /\u001b\[(?:1|2|22|31|32|33|35|36|39)m/g;

/** Text from documents or remotes with everything that could steer a terminal shown as `\u{…}`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** JSON text in which the same characters are escaped as JSON does it, so that it says the same. */
export function printableJson(text: string): string {
  return text.replaceAll(
    UNPRINTABLE,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** Like `printable`, but for the colours that `style` put in. */
function printableResult(text: string, colored: boolean): string {
  if (!colored) return printable(text);
  const styles = text.match(OWN_STYLES) ?? [];
  return text
    .split(OWN_STYLES)
    .map((piece, at) => printable(piece) + (styles[at] ?? ""))
    .join("");
}

export function openTerminal(settings: TerminalSettings): Terminal {
  const pieces: string[] = [];
  const colorResult = settings.output === undefined && colors(settings, settings.stdout);
  const colorLog = colors(settings, settings.stderr);
  const say = (style: Style | undefined, text: string): void => {
    const clean = printable(text);
    const painted =
      style !== undefined && colorLog ? styleText(style, clean, { validateStream: false }) : clean;
    settings.stderr.write(`${painted}\n`);
  };
  return {
    width: widthOf(settings),
    result: (text) => void pieces.push(printableResult(text, colorResult)),
    note: (text) => {
      if (!settings.quiet) say("dim", text);
    },
    warn: (text) => say("yellow", text),
    error: (text) => say("red", text),
    style: (style, text) => (colorResult ? styleText(style, text, { validateStream: false }) : text),
    flush: () => flush(settings, pieces.splice(0).join("")),
  };
}

async function flush(settings: TerminalSettings, text: string): Promise<void> {
  if (settings.output !== undefined) return writeOutput(resolve(settings.cwd, settings.output), text);
  if (text === "") return;
  await new Promise<void>((done, failed) => {
    settings.stdout.write(text, (error) => (error ? failed(error) : done()));
  });
}

function writeOutput(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CreError("output-not-written", `The result could not be written to ${path}.`, {
      evidence: error instanceof Error ? error.message : String(error),
      fix: "Give --output a file in a folder that exists and that you may write to.",
      cause: error,
    });
  }
}
