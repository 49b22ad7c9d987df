/** What stands beside a word: a state, a status or a level is never told by its colour alone. */
export type Tone = "good" | "warn" | "bad" | "worst" | "off" | "plain";

const TONES: Readonly<Record<string, Tone>> = {
  active: "good",
  stale: "warn",
  expired: "bad",
  compromised: "worst",
  retired: "off",
  none: "off",
  warning: "warn",
  critical: "bad",
  emergency: "worst",
  pass: "good",
  fail: "bad",
  exception: "warn",
  "no-population": "off",
  "not-measured": "off",
  manual: "plain",
  "on-time": "good",
  late: "bad",
  unmet: "bad",
  open: "warn",
  over: "good",
  withdrawn: "off",
  done: "good",
  aborted: "off",
  "rolled-back": "warn",
  parked: "bad",
  behind: "bad",
  running: "plain",
  waiting: "plain",
  interrupted: "warn",
  ready: "plain",
  closed: "off",
  whole: "good",
  broken: "bad",
  empty: "off",
  added: "plain",
  changed: "plain",
  removed: "warn",
  renamed: "plain",
};

/** The tone of a word of the report. */
export function toneOf(word: string): Tone {
  return TONES[word] ?? "plain";
}
