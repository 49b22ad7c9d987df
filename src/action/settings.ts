import { NAME_PATTERN } from "../core/documents/common.ts";
import { LEVELS, type Level } from "../core/evaluate/finding.ts";
import { CreError } from "../core/model/errors.ts";
import { addTo, type Instant, parseDuration, parseInstant } from "../core/model/instant.ts";
import { nearest } from "../core/text/nearest.ts";
import { type ActionCommand, COMMANDS, INPUTS, type InputName, type InputSpec } from "./contract.ts";

/** The text of an input, without white space around it; empty where the workflow gives none. */
export type InputReader = (name: InputName) => string;

interface Common {
  /** Folder of the repository, from the workspace. */
  readonly path: string;
}

interface Acting extends Common {
  readonly failOn: Level | undefined;
  readonly zone: string | undefined;
}

export interface ValidateSettings extends Common {
  readonly command: "validate";
  readonly failOn: Level | undefined;
  readonly since: string | undefined;
  readonly comment: boolean;
}

export interface RunSettings extends Acting {
  readonly command: "run";
  /** Empty: all. */
  readonly credentials: readonly string[];
}

export interface CompromiseSettings extends Acting {
  readonly command: "compromise";
  readonly credential: string;
  readonly reason: string;
  readonly revokeFirst: boolean;
  readonly wait: boolean;
}

export interface HoldSettings extends Acting {
  readonly command: "hold";
  readonly credentials: readonly string[] | "all";
  readonly until: Instant;
  readonly reason: string;
}

export interface ReleaseSettings extends Acting {
  readonly command: "release";
  readonly id: string;
  readonly reason: string;
}

export interface ReportSettings extends Common {
  readonly command: "report";
}

export interface DiscoverSettings extends Common {
  readonly command: "discover";
  readonly zone: string | undefined;
}

export type ActingSettings = RunSettings | CompromiseSettings | HoldSettings | ReleaseSettings;
export type ActionSettings = ValidateSettings | ActingSettings | ReportSettings | DiscoverSettings;

const NAME = new RegExp(NAME_PATTERN, "u");
const LONGEST_TEXT = 1000;

/** Which command is asked for. Throws a CreError that names the input. */
export function commandOf(read: InputReader): ActionCommand {
  const text = read("command");
  const command = COMMANDS.find((known) => known === text);
  if (command !== undefined) return command;
  const near = nearest(text, COMMANDS);
  throw invalid([
    text === ""
      ? `command: is needed: one of ${COMMANDS.join(", ")}`
      : `command: there is no command \`${text}\`${near === undefined ? `; it is one of ${COMMANDS.join(", ")}` : `; did you mean ${near}?`}`,
  ]);
}

/**
 * All inputs, checked and typed. Reads each one once. Throws one CreError that lists everything that is wrong, each
 * with the name of its input.
 */
export function readSettings(command: ActionCommand, read: InputReader, now: Instant): ActionSettings {
  const inputs = new Inputs(command, read, now);
  const settings = settingsFor(command, inputs);
  if (inputs.problems.length > 0) throw invalid(inputs.problems);
  return settings;
}

function settingsFor(command: ActionCommand, inputs: Inputs): ActionSettings {
  const path = inputs.text("path") ?? ".";
  if (command === "report") return { command, path };
  if (command === "discover") return { command, path, zone: inputs.name("zone") };
  const common = { path, failOn: inputs.level("fail-on") };
  if (command === "validate") {
    return { command, ...common, since: inputs.text("since"), comment: inputs.flag("comment", true) };
  }
  const acting = { ...common, zone: inputs.name("zone") };
  if (command === "run") return { command, ...acting, credentials: inputs.names("credential") };
  const reason = inputs.needed("reason");
  if (command === "release") return { command, ...acting, id: inputs.needed("id"), reason };
  if (command === "hold") {
    return { command, ...acting, credentials: heldBy(inputs), until: inputs.moment("until"), reason };
  }
  const credentials = inputs.names("credential");
  if (credentials.length !== 1) inputs.complain("credential", "is needed: the one name that leaked");
  return {
    command,
    ...acting,
    credential: credentials[0] ?? "",
    reason,
    revokeFirst: inputs.flag("revoke-first", false),
    wait: inputs.flag("wait", true),
  };
}

function heldBy(inputs: Inputs): HoldSettings["credentials"] {
  const all = inputs.flag("all", false);
  const credentials = inputs.names("credential");
  if (all === credentials.length > 0) inputs.complain("credential", "is needed, or `all: true`; not both");
  return all ? "all" : credentials;
}

/** The inputs of one command, with what is wrong with them. */
class Inputs {
  readonly problems: string[] = [];
  readonly #texts: ReadonlyMap<InputName, string>;
  readonly #now: Instant;

  constructor(command: ActionCommand, read: InputReader, now: Instant) {
    this.#texts = new Map(INPUTS.map(({ name }) => [name, read(name)]));
    this.#now = now;
    const table: readonly InputSpec[] = INPUTS;
    for (const { name, commands } of table) {
      // A form hands over every field, and an unticked box as `false`.
      const given = !["", "false"].includes(this.#texts.get(name as InputName) ?? "");
      if (given && !commands.includes(command)) this.complain(name, `is nothing that \`${command}\` takes`);
    }
  }

  complain(name: string, problem: string): void {
    this.problems.push(`${name}: ${problem}`);
  }

  text(name: InputName): string | undefined {
    const text = this.#texts.get(name) ?? "";
    if (text.length > LONGEST_TEXT) this.complain(name, `is longer than ${LONGEST_TEXT} characters`);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) this.complain(name, "contains control characters");
    return text === "" ? undefined : text;
  }

  needed(name: InputName): string {
    const text = this.text(name);
    if (text === undefined) this.complain(name, "is needed");
    return text ?? "";
  }

  flag(name: InputName, absent: boolean): boolean {
    const text = this.text(name);
    if (text === undefined) return absent;
    if (text !== "true" && text !== "false") this.complain(name, `cannot be \`${text}\`: true or false`);
    return text === "true";
  }

  level(name: InputName): Level | undefined {
    const text = this.text(name);
    if (text === undefined || text === "never") return undefined;
    const level = LEVELS.find((known) => known === text && known !== "none");
    if (level === undefined) {
      this.complain(name, `cannot be \`${text}\`: warning, critical, emergency or never`);
    }
    return level;
  }

  name(name: InputName): string | undefined {
    const text = this.text(name);
    if (text !== undefined && !NAME.test(text)) this.complain(name, `\`${text}\` is no name`);
    return text;
  }

  names(name: InputName): readonly string[] {
    const names = (this.text(name) ?? "").split(/[\s,]+/).filter((part) => part !== "");
    for (const part of names) if (!NAME.test(part)) this.complain(name, `\`${part}\` is no name`);
    return [...new Set(names)];
  }

  /** A moment that is to come. */
  moment(name: InputName): Instant {
    const text = this.needed(name);
    if (text === "") return this.#now;
    const span = parseDuration(text);
    const moment = span === undefined ? parseInstant(text) : addTo(this.#now, span);
    if (moment === undefined) {
      this.complain(name, `cannot be \`${text}\`: a date, an instant such as 2026-12-01T08:00:00Z, or 4h`);
    } else if (moment <= this.#now) this.complain(name, `${moment} is over`);
    return moment ?? this.#now;
  }
}

function invalid(problems: readonly string[]): CreError {
  const [only] = problems;
  return problems.length === 1
    ? new CreError("usage", `input ${only}`)
    : new CreError(
        "usage",
        `${problems.length} inputs are wrong:\n${problems.map((text) => `- ${text}`).join("\n")}`,
      );
}
