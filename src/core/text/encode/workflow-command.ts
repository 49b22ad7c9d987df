import { plainLine } from "../plain-line.ts";
import { BREAK } from "./keep-apart.ts";

/** The older form of a command, which the runner finds anywhere in a line (ActionCommand in actions/runner). */
const OLD_FORM = /##(?=\[)/g;

/** The message of a workflow command of GitHub's runner, on one line. */
export function commandData(text: string, most = 4000): string {
  return plainLine(text, most).replaceAll(OLD_FORM, `##${BREAK}`).replaceAll("%", "%25");
}

/** The value of a property of a workflow command: it can neither end there nor begin another one. */
export function commandProperty(text: string, most = 500): string {
  return commandData(text, most).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Shown as lines of one annotation; the command itself stays on one. */
const LINE_END = "%0A";
const MOST_LINES = 20;

/**
 * One whole command, such as `::error file=a.yaml,line=3::text`. Name and names of properties are the program's own;
 * properties without a value are left out. Lines of the message are lines of what is shown.
 */
export function workflowCommand(
  name: "error" | "warning" | "notice" | "group" | "endgroup",
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string {
  const given = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${commandProperty(String(value))}`],
  );
  return `::${[name, ...(given.length === 0 ? [] : [given.join(",")])].join(" ")}::${messageData(message)}`;
}

function messageData(message: string): string {
  const lines = message.split("\n", MOST_LINES);
  return lines.map((line) => commandData(line)).join(LINE_END);
}

/** A line for the log of a workflow which the runner does not take for a command. */
export function logLine(text: string, most = 4000): string {
  return plainLine(text, most).replaceAll(OLD_FORM, `##${BREAK}`).replace(/^::/, `${BREAK}::`);
}
