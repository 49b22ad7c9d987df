import type { OptionSpec } from "./command.ts";

/** Taken by every command. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  {
    name: "repo",
    value: "DIR",
    summary: "Repository to work on; default: the one around the current folder.",
  },
  { name: "format", value: "FORMAT", choices: ["text", "json"], summary: "text (default) or json." },
  { name: "output", value: "FILE", summary: "Write the result to a file instead of standard output." },
  { name: "quiet", summary: "No progress on standard error." },
  { name: "no-color", summary: "No colours; so does the variable NO_COLOR." },
  { name: "help", summary: "Show help." },
];

/** Types of credentials, as the schema has them. */
export const TYPES = [
  "api-key",
  "database-password",
  "tls-certificate",
  "ssh-key",
  "oauth-client-secret",
] as const;

const STATES = ["active", "stale", "expired", "compromised", "retired"] as const;

/** Narrow down which credentials a command is about. All that are given must hold. */
export const SELECTORS: readonly OptionSpec[] = [
  { name: "only", value: "NAME", many: true, summary: "Only this credential." },
  { name: "service", value: "NAME", many: true, summary: "Only credentials of this service." },
  { name: "team", value: "NAME", many: true, summary: "Only credentials of this team." },
  { name: "type", value: "TYPE", many: true, choices: TYPES, summary: "Only credentials of this type." },
  { name: "label", value: "KEY=VALUE", many: true, summary: "Only credentials with this label." },
  { name: "state", value: "STATE", many: true, choices: STATES, summary: "Only credentials in this state." },
];

export const AS_OF: OptionSpec = {
  name: "as-of",
  value: "COMMIT|INSTANT",
  summary: "Documents, recorded state and clock of then: evidence.",
};

/** Which documents and which clock a read-only command uses. */
export const CLOCK: readonly OptionSpec[] = [
  { name: "now", value: "INSTANT", summary: "Today's documents, another clock: what if." },
  AS_OF,
];

export const PERIOD: OptionSpec = {
  name: "period",
  value: "PERIOD",
  summary: "What happened in it, from history: 2026-Q3, 2026-09, 2026, or FROM..TO (a last day is included).",
};

export const FAIL_ON: OptionSpec = {
  name: "fail-on",
  value: "LEVEL",
  choices: ["warning", "critical", "emergency"],
  summary: "Exit 1 when an unwaived finding is at this level or above.",
};

export const ZONE: OptionSpec = {
  name: "zone",
  value: "ZONE",
  summary: "Network zone of this runner; connections of other zones are left to their own runner.",
};

export const REASON: OptionSpec = {
  name: "reason",
  value: "TEXT",
  required: true,
  summary: "Why; it stands in the audit trail.",
};
