import type { AuditEntry } from "../audit/entry.ts";
import type { Step } from "../state/status.ts";
import { plainLine } from "../text/plain-line.ts";
import { confirmedText, doneText } from "./step-words.ts";

type Words = (entry: AuditEntry, say: (key: string) => string) => string;

const LONGEST = 400;
const LONGEST_FACT = 200;

/** One sentence without its end for each event of a credential's life. */
const WORDS: Readonly<Record<string, Words>> = {
  "step.intended": ({ step }) => `about to ${step}`,
  "step.done": stepDone,
  "step.failed": ({ step }, say) => `${step} failed: ${say("reason")}`,
  "rotation.opened": opened,
  "rotation.closed": (_, say) => `rotation closed: ${say("outcome") || "done"}`,
  "rotation.confirmed": (entry, say) => withReason(confirmedText(entry), say("reason")),
  "rotation.unconfirmed": (_, say) => withReason("new version no longer proven in use", say("reason")),
  "rotation.parked": (_, say) => withReason("parked, needs a person", say("reason")),
  "rotation.recovered": (_, say) => withReason("recovered after a run that died", say("reason")),
  "rotation.resumed": (_, say) => withReason("taken up again", say("reason")),
  "rotation.waiting": waiting,
  "rotation.escalated": (_, say) => `goes on as an emergency because of ${say("because")}`,
  "rotation.fenced": () => "another run took the lease over: this one stopped",
  "evidence.used": (_, say) => withReason("old version used after its deactivation", say("reason")),
  "request.accepted": (_, say) => `${say("verb")} taken up: ${say("answer")}`,
  "request.refused": (_, say) => `${say("verb")} refused: ${say("answer")}`,
  "incident.declared": (_, say) => `declared compromised: ${say("reason")}`,
  "incident.withdrawn": (_, say) => `incident withdrawn: ${say("reason")}`,
  "hold.pressed": (_, say) => `held until ${say("until")}: ${say("reason")}`,
  "credential.observed": (_, say) =>
    say("reason") === ""
      ? `observed at its provider: ${say("versions")} on record`
      : `observed at its provider: ${say("reason")}`,
  "certificate.observed": (_, say) => `looked at ${say("places")} that serve it`,
  "document.added": (_, say) => `registered by ${say("author")} in ${commitOf(say)}`,
  "document.changed": (_, say) => `document changed by ${say("author")} in ${commitOf(say)}`,
  "document.removed": (_, say) => `document removed by ${say("author")} in ${commitOf(say)}`,
  "document.renamed": (_, say) => `renamed from ${say("formerName")} by ${say("author")} in ${commitOf(say)}`,
  "target.changed": () => "a change of its targets waits to be in force",
  "target.accepted": () => "the change of its targets is in force",
  "target.restored": () => "the change of its targets was taken back",
  "target.renamed": (_, say) => `its targets were known as ${say("former")}`,
};

/** What an entry of the trail says, in words, on one bounded line. What no word is known for keeps its name. */
export function entryText(entry: AuditEntry): string {
  const { event, detail } = entry;
  const say = (key: string): string => factText(detail?.[key]);
  const request = /^request\.(retry|rollback|proceed)$/.exec(event)?.[1];
  const known = request === undefined ? WORDS[event] : () => `${request} asked for: ${say("reason")}`;
  const text = known === undefined ? withReason(event, say("reason")) : known(entry, say);
  return plainLine(text, LONGEST);
}

function stepDone({ step, outcome }: AuditEntry, say: (key: string) => string): string {
  if (outcome !== "applied") return withReason(`${step} done`, say("reason"));
  const handle = say("handle");
  const done = doneText(step as Step); // entries of this event carry steps of the engine
  return handle === "" ? done : `${done}: ${handle}`;
}

function opened(_: AuditEntry, say: (key: string) => string): string {
  const recipe = say("recipe");
  const what = recipe === "adopt" ? "adoption" : recipe === "retire" ? "retirement" : "rotation";
  const urgent = say("emergency") === "true" ? "emergency " : "";
  return `${urgent}${what} opened: ${say("reason")} (${say("because")})`;
}

function waiting(_: AuditEntry, say: (key: string) => string): string {
  const until = say("until") === "" ? "" : ` until ${say("until")}`;
  return withReason(`waits for ${say("why")}${until}`, say("detail"));
}

function commitOf(say: (key: string) => string): string {
  return `commit ${say("commit").slice(0, 12)}`;
}

function withReason(text: string, reason: string): string {
  return reason === "" ? text : `${text}: ${reason}`;
}

function factText(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return plainLine(text, LONGEST_FACT);
}
