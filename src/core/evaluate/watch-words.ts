import type { Finding, FindingCode } from "./finding.ts";

interface ToldWatch {
  readonly fact: (name: string) => string;
  readonly finding: Finding;
}

type WatchCode = Extract<
  FindingCode,
  "enforcer-late" | "schedule-disabled" | "secret-absent" | "token-ending" | "channel-failing"
>;

/** What is said of the enforcer itself, and what helps. */
export const WATCH_WORDS: Readonly<
  Record<WatchCode, (told: ToldWatch) => { readonly message: string; readonly fix: string }>
> = {
  "enforcer-late": ({ fact, finding }) =>
    finding.facts["until"] === undefined
      ? {
          message: `No run was recorded since ${fact("newest")}, although the schedule says every ${fact("every")}.`,
          fix: "See whether the scheduler is disabled or failing; `cre run` catches up.",
        }
      : {
          message: `No run was recorded between ${fact("newest")} and ${fact("until")}, although the schedule says every ${fact("every")}.`,
          fix: "It runs again; find out why the scheduler did not start it meanwhile.",
        },
  "schedule-disabled": ({ fact }) => ({
    message: `The schedule of ${fact("workflow")} is disabled: ${fact("detail")}.`,
    fix: "Enable the workflow again where the forge lists its workflows; until then nothing runs by itself.",
  }),
  "secret-absent": ({ fact }) => ({
    message: `The runner${zoneOf(fact)} has no secret ${fact("reference")}, which ${fact("usedBy")} needs.`,
    fix: "Give the runner that secret, or take the reference out of the document.",
  }),
  "token-ending": ({ fact, finding }) => ({
    message:
      finding.facts["ended"] === undefined
        ? ends(fact)
        : `The runner's token for the forge ended at ${fact("endsAt")}.`,
    fix: "Make a new token and give it to the runner as the secret that `forge.token` names.",
  }),
  "channel-failing": ({ fact }) => ({
    message: `${fact("destination")} cannot be told anything since ${fact("since")}: ${fact("reason")}.`,
    fix: "Mend the channel in the settings, or its secret; what is due there is sent by the next run.",
  }),
};

function zoneOf(fact: ToldWatch["fact"]): string {
  const zone = fact("zone");
  return zone === "-" ? "" : ` of zone ${zone}`;
}

function ends(fact: ToldWatch["fact"]): string {
  const days = fact("days");
  const left = days === "1" ? "within a day" : `in ${days} days`;
  return `The runner's token for the forge ends ${left}, at ${fact("endsAt")}.`;
}
