import { CHAIN_WORDS } from "./chain-words.ts";
import { DISCOVERY_WORDS } from "./discovery-words.ts";
import type { Finding, FindingCode } from "./finding.ts";
import { remedyText } from "./remedy.ts";
import { WATCH_WORDS } from "./watch-words.ts";

export interface Words {
  readonly message: string;
  readonly fix: string;
}

/** A fact by its name, on one line; `(unknown)` when the finding has none of that name. */
type Fact = (name: string) => string;

interface Told {
  readonly fact: Fact;
  readonly finding: Finding;
  /** The credential; of the repository's findings empty. */
  readonly name: string;
}

type Tell = (told: Told) => Words;

const WORDS: Readonly<Record<FindingCode, Tell>> = {
  "rotation-due": ({ fact, finding, name }) => ({
    message: `${name} must be rotated by ${fact("dueAt")}, says the policy ${finding.policy}: ${fact("arithmetic")}.`,
    fix: remedyText(finding, "soon"),
  }),
  "rotation-overdue": ({ fact, finding, name }) => ({
    message: `${name} had to be rotated by ${fact("dueAt")}, says the policy ${finding.policy}: ${fact("arithmetic")}.`,
    fix: remedyText(finding, "now"),
  }),
  "past-end": ({ fact, finding, name }) => ({
    message: `${name} is past its own end, ${fact("endsAt")} (${fact("says")}).`,
    fix: `${remedyText(finding, "ended")} No exception waives this.`,
  }),
  compromised: ({ fact, finding, name }) => ({
    message: `${name} is compromised since ${fact("at")} (${fact("because")}), and a version from before that is still alive.`,
    fix: remedyText(finding, "emergency"),
  }),
  unmatched: ({ name }) => ({
    message: `No policy matches ${name}: nothing says when it must be rotated.`,
    fix: "Widen the `match` of a policy, or add one.",
  }),
  "no-due-date": ({ finding, name }) => ({
    message: `The policy ${finding.policy} matches ${name} but gives it no date.`,
    fix: "Give the policy `rotateWithin`; or the credential `expiresAt`, where the policy has `renew`.",
  }),
  "required-field": ({ fact, finding, name }) => ({
    message: `The policy ${finding.policy} requires \`${fact("field")}\`, which ${name} lacks or leaves empty.`,
    fix: `Write \`spec.${fact("field")}\` in its document.`,
  }),
  "retired-but-live": ({ fact, name }) => ({
    message: `${name} is retired since ${fact("retiredAt")}, but ${versions(fact)} can still authenticate (${fact("handles")}).`,
    fix:
      fact("method") === "automated"
        ? `The scheduled run ends what is left once it is silent; \`cre status ${name}\` shows what it waits for.`
        : "End what is left at the provider.",
  }),
  "rotation-held": ({ fact, name }) => held(fact, name),
  "old-still-used": ({ fact, name }) => ({
    message: `The old version of ${name} was used on ${fact("usedOn")}, although the new one is promoted since ${fact("promotedAt")}.`,
    fix: "Find who still uses the old one and switch them over: it is not ended before it is silent.",
  }),
  "certificate-awaited": ({ fact, name }) => ({
    message: `The new key of ${name} waits since ${fact("since")} for a certificate: ${fact("reason")}.`,
    fix: `Have the signing request signed that \`cre status ${name}\` shows, and put the certificate where it says.`,
  }),
  "left-behind": ({ fact, name }) => ({
    message: `${fact("places")} could not be reached when ${name} was rotated and still has its old version.`,
    fix: "Bring it back: the next run brings it up to date. If it is gone for good, take it out of the document.",
  }),
  "rotation-parked": ({ fact, name }) => ({
    message: `The rotation of ${name} is parked at ${fact("step")} since ${fact("since")}: ${fact("reason")}.`,
    fix: `Mend the cause, then run ${commands(fact, name)}.`,
  }),
  "state-behind": ({ fact, name }) => ({
    message: `The provider is ahead of the record of ${name} since ${fact("since")}: ${fact("reason")}.`,
    fix: `Find out who changed it, or whether the state branch was set back; nothing is touched until then. Then run \`cre retry ${name} --reason TEXT\`.`,
  }),
  "adoption-ambiguous": ({ fact, name }) => ({
    message: `Nobody can tell which version of ${name} is in use: ${fact("reason")}.`,
    fix: `Name it in the document (\`handle\`) or end the others, then run \`cre retry ${name} --reason TEXT\`.`,
  }),
  drift: ({ fact, finding, name }) => ({
    message: `${name} was changed outside of this tool (seen ${fact("since")}): ${fact("reason")}.`,
    fix:
      finding.facts["source"] === undefined
        ? `Undo the change at the provider, then run \`cre retry ${name} --reason TEXT\`.`
        : `Undo the change at the provider, or correct the document; the next look at ${fact("source")} sees it.`,
  }),
  "target-changed": ({ fact, finding, name }) => ({
    message: `Where the secret of ${name} comes from or goes to was changed, and it is not rotated until that is in force: ${fact("reason")}.`,
    fix:
      finding.facts["until"] === undefined
        ? "Have another person approve the change that brought it (the next run asks again), or take it back: then it goes on at once."
        : `Nothing to do if the change is right: it goes on by itself from ${fact("until")} on. Else take it back.`,
  }),
  ...CHAIN_WORDS,
  "access-undeclared": ({ name }) => ({
    message: `Nobody wrote down who can use ${name}.`,
    fix: "Add `spec.access`; an empty list says: nobody.",
  }),
  "exception-expiring": ({ fact }) => ({
    message: `The exception ${fact("exception")} ends ${inDays(fact)}, at ${fact("expiresAt")}.`,
    fix: "Rotate what it covers before then, or ask for another exception (`cre except`).",
  }),
  "exception-expired": ({ fact }) => ({
    message: `The exception ${fact("exception")} ended at ${fact("expiresAt")} and waives nothing.`,
    fix: "Remove its document, or ask for another exception (`cre except`).",
  }),
  "exception-void": ({ fact, finding }) => ({
    message: `The exception ${fact("exception")} does not count: ${fact("reason")}.`,
    fix: exceptionRemedy(fact, finding),
  }),
  "exception-self-approved": ({ fact, finding }) => ({
    message: `The exception ${fact("exception")} does not count: ${fact("reason")}.`,
    fix: exceptionRemedy(fact, finding),
  }),
  "removed-without-retirement": ({ fact, finding, name }) => ({
    message: `${gone(fact, finding, name)}.`,
    fix: `Bring the document back and set \`retiredAt\` (\`cre retire ${name}\`), or list ${name} in \`formerNames\` of its successor.`,
  }),
  backdated: ({ fact, finding, name }) =>
    finding.discriminator === "before-creation"
      ? {
          message: `${name} was rotated on ${fact("rotatedAt")}, before it was created on ${fact("createdAt")}.`,
          fix: "Correct `rotatedAt` or `createdAt`.",
        }
      : {
          message: `\`${fact("field")}\` of ${name} is ${fact("instant")}, which is later than now (${fact("now")}).`,
          fix: "Write the day on which it really happened.",
        },
  ...DISCOVERY_WORDS,
  ...WATCH_WORDS,
};

/** Without a record nobody can say whether anything of it lives. */
function gone(fact: Fact, { facts }: Finding, name: string): string {
  const by =
    facts["on"] === undefined ? "" : ` since ${fact("on")}, by ${fact("author")} in ${fact("commit")}`;
  const service =
    facts["service"] === undefined && facts["on"] !== undefined ? "" : ` (service ${fact("service")})`;
  const rest =
    facts["live"] === 0
      ? "and it was never retired"
      : `but ${versions(fact)} can still authenticate (${fact("handles")})`;
  return `The document of ${name}${service} is gone${by}, ${rest}`;
}

/** What makes an exception count, by what keeps it from that. */
function exceptionRemedy(fact: Fact, { code, facts }: Finding): string {
  switch (facts["remedy"]) {
    case "wait":
      return "The next run asks the forge; until then it waives nothing.";
    case "approve":
      return `Have another person approve ${facts["url"] === undefined ? "the change that brought it" : fact("url")}; the next run asks again.`;
    case "renew":
      return "Write it anew, with another justification or other dates, in a change that another person approves.";
    default:
      return code === "exception-self-approved"
        ? "Have another person approve it."
        : "Correct it and have it reviewed.";
  }
}

function held(fact: Fact, name: string): Words {
  switch (fact("by")) {
    case "hold":
      return {
        message: `${name} is due, but the hold ${fact("hold")} keeps it back until ${fact("until")}: ${fact("reason")}.`,
        fix: `When the reason is gone, run \`cre release ${fact("hold")} --reason TEXT\`; a hold in \`exceptions/\` is removed there.`,
      };
    case "freeze":
      return {
        message: `${name} is due, but a freeze keeps it back until ${fact("until")}: ${fact("reason")}.`,
        fix: "Nothing to do if it can wait; else shorten `limits.freeze` in the settings.",
      };
    default:
      return {
        message: `${name} is due, but does not start: ${fact("reason")}.`,
        fix: "Nothing to do if it can wait for the open ones; else raise the limit in the settings.",
      };
  }
}

function commands(fact: Fact, name: string): string {
  const verbs = fact("commands").split(", ").filter(Boolean);
  if (verbs.length === 0) return `\`cre status ${name}\`, which says what helps`;
  return verbs.map((verb) => `\`cre ${verb} ${name} --reason TEXT\``).join(" or ");
}

function versions(fact: Fact): string {
  return fact("live") === "1" ? "1 version" : `${fact("live")} versions`;
}

function inDays(fact: Fact): string {
  return fact("days") === "1" ? "within a day" : `in ${fact("days")} days`;
}

/** A finding in English: the problem with its evidence, and the fix. The only prose about findings. */
export function findingText(finding: Finding): Words {
  const fact: Fact = (name) => oneLine(finding.facts[name] ?? "(unknown)");
  return WORDS[finding.code]({ fact, finding, name: finding.credential ?? "" });
}

/** Reasons are people's words: on one line, and without the full stop that the sentence brings. */
function oneLine(value: string | number): string {
  const text = String(value);
  if (!/[^\S ]|\s\s|^\s|[\s.]$/.test(text)) return text;
  return text.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
}
