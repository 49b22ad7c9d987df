import type { AuditEvent } from "../core/audit/entry.ts";
import { confirmedText, doneText } from "../core/history/step-words.ts";
import type { Instant } from "../core/model/instant.ts";
import type { Status, Step } from "../core/state/status.ts";
import type { ReportLine } from "./run-report.ts";
import type { Saga } from "./saga.ts";

/** One audit event about the rotation of a record; all of it is public. */
export function rotationEvent(
  status: Status,
  event: string,
  at: Instant,
  facts: {
    step?: Step;
    outcome?: NonNullable<AuditEvent["outcome"]>;
    detail?: Readonly<Record<string, unknown>>;
  } = {},
): AuditEvent {
  const { rotation } = status;
  const attempt = rotation?.attempt?.id;
  const step = facts.step ?? rotation?.step;
  return {
    time: at,
    event,
    credential: status.credential,
    ...(rotation === undefined ? {} : { rotation: rotation.id }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(step === undefined ? {} : { step }),
    ...(facts.outcome === undefined ? {} : { outcome: facts.outcome }),
    ...(facts.detail === undefined ? {} : { detail: { ...facts.detail } }),
  };
}

export function say(saga: Saga, level: ReportLine["level"], text: string): void {
  saga.lines.push({ level, text: `${saga.name}: ${text}`, credential: saga.name });
}

/** The same of a place where what was burnt may still work. */
export function sayUnproven(saga: Saga, text: string): void {
  saga.lines.push({ level: "error", text: `${saga.name}: ${text}`, credential: saga.name, unproven: true });
}

/** The first line of a commit: what a person reads in `git log`. */
export function subjectOf(
  sagas: readonly { readonly name: string; readonly events: readonly AuditEvent[] }[],
  intents: ReadonlyMap<string, Step>,
): string {
  const phrases = new Map<string, string>();
  for (const { name, events } of sagas) {
    // What changed the world comes first, then what is about to, then what was only looked at.
    const told =
      events.findLast(isNoteworthy) ??
      (intents.has(name) ? undefined : events.findLast(({ event }) => event !== "step.intended"));
    const intent = intents.get(name);
    const phrase =
      told === undefined ? (intent === undefined ? undefined : `about to ${intent}`) : phraseOf(told);
    if (phrase !== undefined) phrases.set(name, phrase);
  }
  const names = [...phrases.keys()];
  const [first] = names;
  if (first === undefined) return "run: facts recorded";
  if (names.length === 1) return `rotate ${first}: ${phrases.get(first)}`;
  const counts = new Map<string, number>();
  for (const phrase of phrases.values()) counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  const parts = [...counts].map(([phrase, count]) =>
    count === names.length ? phrase : `${count} ${phrase}`,
  );
  return `rotate ${names.length} credentials: ${parts.join(", ")}`;
}

function isNoteworthy({ event, outcome }: AuditEvent): boolean {
  return (
    (event === "step.done" && outcome === "applied") ||
    event === "step.failed" ||
    (event.startsWith("rotation.") && event !== "rotation.waiting" && event !== "rotation.opened")
  );
}

function phraseOf(event: AuditEvent): string {
  if (event.event === "rotation.parked") return "parked, needs a person";
  if (event.event === "rotation.closed") return "done";
  if (event.event === "rotation.recovered") return "recovered after a run that died";
  if (event.event === "rotation.confirmed") return confirmedText(event);
  if (event.event === "rotation.opened") return "started";
  if (event.event === "request.accepted") return "a person's command taken up";
  if (event.outcome === "failed" || event.outcome === "refused" || event.outcome === "unknown") {
    return `${event.step} failed`;
  }
  if (event.event === "rotation.waiting") return "waits";
  // `as`: events about rotations carry steps of the engine.
  return event.step === undefined ? event.event : doneText(event.step as Step);
}
