import type { Finding, FindingCode } from "./finding.ts";

interface Words {
  readonly message: string;
  readonly fix: string;
}

type Tell = (facts: (name: string) => string, finding: Finding) => Words;

const WORDS: Readonly<Record<FindingCode, Tell>> = {
  "rotation-due": (fact, { policy }) => ({
    message: `The policy ${policy} wants it rotated by ${fact("dueAt")}: ${fact("arithmetic")}.`,
    fix: "Rotate it before then; an automated one starts by itself at the next run.",
  }),
  "rotation-overdue": (fact, { policy }) => ({
    message: `The policy ${policy} wanted it rotated by ${fact("dueAt")}: ${fact("arithmetic")}.`,
    fix: "Rotate it now (`cre rotate NAME`, or by hand and then `cre rotated NAME`), or ask for an exception (`cre except`).",
  }),
  "past-end": (fact) => ({ message: `Its own end was ${fact("endsAt")}: it can no longer be used.`, fix: "Replace it now; no exception can help." }),
  compromised: (fact) => ({
    message: `A version from before ${fact("at")} is compromised and still alive (${fact("because")}).`,
    fix: "Replace it now: `cre compromise NAME --reason TEXT --wait`, or by hand and then `cre rotated NAME`.",
  }),
  unmatched: () => ({ message: "No policy matches it, so nothing says when it must be rotated.", fix: "Widen the `match` of a policy, or add one." }),
  "no-due-date": (_, { policy }) => ({
    message: `The policy ${policy} matches it but gives no date.`,
    fix: "Give the policy `rotateWithin`, or the credential `expiresAt` for a policy with `renew`.",
  }),
  "required-field": (fact, { policy }) => ({ message: `The policy ${policy} requires ${fact("field")}, which is missing or empty.`, fix: `Add ${fact("field")} to its document.` }),
  "retired-but-live": (fact) => ({
    message: `It is retired since ${fact("retiredAt")}, but ${fact("live")} of its versions can still authenticate.`,
    fix: "Let the scheduled run end them, or end them by hand where it is not automated.",
  }),
  "rotation-held": (fact) => ({ message: `It is due, but ${fact("by")} keeps it back until ${fact("until")} (${fact("reason")}).`, fix: "Release it when the reason is gone: `cre release`." }),
  "old-still-used": (fact) => ({
    message: `Its old version was still used on ${fact("usedOn")}, although the new one is in use since ${fact("confirmedAt")}.`,
    fix: "Find who still uses the old one and give them the new one; it is not ended before it is silent.",
  }),
  "rotation-parked": (fact) => ({ message: `Its rotation is parked at ${fact("step")} since ${fact("since")}: ${fact("reason")}.`, fix: `Mend the cause, then one of: ${commands(fact)}.` }),
  "state-behind": (fact) => ({
    message: `The provider is ahead of our record since ${fact("since")}: ${fact("reason")}.`,
    fix: "Find out who changed it or whether the state branch was reset; nothing is touched until then (`cre retry NAME` looks again).",
  }),
  "adoption-ambiguous": (fact) => ({ message: `It cannot be told which version is in use: ${fact("reason")}.`, fix: "Name it in the document (`handle`) or end the others, then `cre retry NAME`." }),
  drift: (fact) => ({ message: `It was changed outside of this tool: ${fact("reason")}.`, fix: "Undo the change, or `cre retry NAME` when the record is right again." }),
  "access-undeclared": () => ({ message: "Nobody wrote down who can use it.", fix: "Add `access` (an empty list says: nobody)." }),
  "exception-expiring": (fact) => ({ message: `The exception ${fact("exception")} ends in ${fact("days")} day(s), at ${fact("expiresAt")}.`, fix: "Rotate before then, or ask for another exception." }),
  "exception-expired": (fact) => ({ message: `The exception ${fact("exception")} ended at ${fact("expiresAt")} and waives nothing.`, fix: "Remove it, or ask for another one." }),
  "exception-void": (fact) => ({ message: `The exception ${fact("exception")} does not count: ${fact("reason")}.`, fix: "Correct it and have it reviewed." }),
  "exception-self-approved": (fact) => ({ message: `The exception ${fact("exception")} does not count: ${fact("reason")}.`, fix: "Have another person approve it." }),
  "removed-without-retirement": (fact) => ({
    message: `Its document is gone, but ${fact("live")} of its versions can still authenticate.`,
    fix: "Bring the document back and set `retiredAt`, or name it in `formerNames` of its successor.",
  }),
  backdated: (fact, { discriminator }) =>
    discriminator === "before"
      ? { message: `rotatedAt ${fact("rotatedAt")} is before createdAt ${fact("createdAt")}.`, fix: "Correct the dates." }
      : { message: `${fact("field")} ${fact("instant")} is in the future.`, fix: "Write the day on which it really happened." },
  ghost: () => ({ message: "It is registered, but the provider does not have it.", fix: "Retire it, or correct its provider." }),
  unmanaged: () => ({ message: "It exists at the provider and is not registered.", fix: "Register it: `cre register`." }),
  "enforcer-late": (fact) => ({
    message: `The last run that anybody recorded was at ${fact("newest")}; the schedule says every ${fact("every")}.`,
    fix: "Look at the scheduler: it may be disabled. `cre run` catches up.",
  }),
};

function commands(fact: (name: string) => string): string {
  return fact("commands")
    .split(", ")
    .map((verb) => `\`cre ${verb} NAME --reason TEXT\``)
    .join(", ");
}

/** A finding in English: the problem with its evidence, and the fix. The only prose about findings. */
export function findingText(finding: Finding): { readonly message: string; readonly fix: string } {
  const words = WORDS[finding.code]((name) => String(finding.facts[name] ?? "(unknown)"), finding);
  const { credential } = finding;
  return credential === null ? words : { message: words.message, fix: words.fix.replaceAll("NAME", credential) };
}
