/** What the action can be asked to do: the input `command`. */
export const COMMANDS = ["validate", "run", "compromise", "hold", "release", "discover", "report"] as const;
export type ActionCommand = (typeof COMMANDS)[number];

/** One input of `action.yml`. What the runner hands over is text; an empty one counts as not given. */
export interface InputSpec {
  readonly name: string;
  readonly summary: string;
  /** Commands that take it; others refuse it, so that nobody believes in an input that does nothing. */
  readonly commands: readonly ActionCommand[];
  readonly isRequired?: boolean;
}

/** One output of `action.yml`. */
export interface OutputSpec {
  readonly name: string;
  readonly summary: string;
}

/** Every input: `action.yml` and its page are made from this table, and `settings.ts` reads nothing else. */
export const INPUTS = [
  {
    name: "command",
    summary: `What to do: ${COMMANDS.join(", ")}.`,
    commands: COMMANDS,
    isRequired: true,
  },
  {
    name: "path",
    summary: "Folder of the checked out repository, from the workspace; default: the workspace itself.",
    commands: COMMANDS,
  },
  {
    name: "fail-on",
    summary:
      "Fail the step (exit 1) when an unwaived finding is at this level or above: warning, critical or emergency; default never.",
    commands: ["validate", "run", "compromise", "hold", "release"],
  },
  {
    name: "since",
    summary:
      "Check only what changed since this commit or branch; default on a pull request: its base, else everything.",
    commands: ["validate"],
  },
  {
    name: "comment",
    summary: "Whether a pull request gets the comment that says what it changes: true (default) or false.",
    commands: ["validate"],
  },
  {
    name: "zone",
    summary:
      "Network zone of this runner; connections of other zones are left to their own runner. Holds count everywhere.",
    commands: ["run", "compromise", "hold", "release", "discover"],
  },
  {
    name: "credential",
    summary:
      "Names of credentials, separated by spaces, commas or lines: the only ones of a run, the one that leaked, or those to hold.",
    commands: ["run", "compromise", "hold"],
  },
  { name: "all", summary: "Hold every credential: true or false (default).", commands: ["hold"] },
  {
    name: "reason",
    summary: "Why; it stands in the audit trail. Needed by compromise, hold and release.",
    commands: ["compromise", "hold", "release"],
  },
  {
    name: "revoke-first",
    summary:
      "End the old version before there is a new one: an outage, but the leak is shut at once. true or false (default).",
    commands: ["compromise"],
  },
  {
    name: "wait",
    summary: "Whether the step succeeds only when every old version is proven dead: true (default) or false.",
    commands: ["compromise"],
  },
  {
    name: "until",
    summary: "End of the hold: a date, an instant such as 2026-12-01T08:00:00Z, or a duration such as 4h.",
    commands: ["hold"],
  },
  {
    name: "id",
    summary: "Id of the hold or incident, or the credential's name where only one is in force.",
    commands: ["release"],
  },
] as const satisfies readonly InputSpec[];
export type InputName = (typeof INPUTS)[number]["name"];

/** Every output. All are set whenever the action got far enough to know them; `exit-code` and `result` always. */
export const OUTPUTS = [
  {
    name: "exit-code",
    summary: "0 done, 1 findings at `fail-on`, 2 invalid, 3 needs a person, 4 interrupted.",
  },
  { name: "result", summary: "The same as a word: done, findings, invalid, needs-person or interrupted." },
  { name: "summary", summary: "One sentence that says what happened." },
  { name: "run-id", summary: "Id of the run, as in the commits and the audit trail." },
  { name: "started", summary: "Number of rotations that the run set out to start." },
  { name: "overdue", summary: "Number of credentials that are past due after the command." },
  {
    name: "compliance-strict",
    summary: "Fraction of credentials inside their policy, 0 to 1, without exceptions.",
  },
  { name: "compliance-adjusted", summary: "The same with exceptions counted as compliant." },
  {
    name: "report-path",
    summary:
      "JSON file with everything that the command reports, for an artifact step; of `report` the folder of its files.",
  },
] as const satisfies readonly OutputSpec[];
export type OutputName = (typeof OUTPUTS)[number]["name"];
