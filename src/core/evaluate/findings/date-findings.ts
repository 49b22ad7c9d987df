import { isOpen } from "../../rotation/transition.ts";
import { instantIn } from "../credential-facts.ts";
import { isRetiring, reached } from "../credential-state.ts";
import type { Obligation } from "../evaluation.ts";
import type { Draft, Examined } from "./examined.ts";
import type { Facts } from "./make-finding.ts";

/** Compromise, the provider's own end, and life after retirement. */
export function endFindings(examined: Examined): readonly Draft[] {
  const { source, facts, compromise, pastEnd, retired, circumstances } = examined;
  const found: Draft[] = [];
  if (compromise !== undefined) {
    const { at, because } = compromise;
    found.push({ code: "compromised", level: "emergency", facts: { at, because, ...remedyFacts(examined) } });
  }
  if (pastEnd && !retired && facts.end !== undefined) {
    const { at, source: says } = facts.end;
    found.push({
      code: "past-end",
      level: "critical",
      facts: { endsAt: at, says, ...remedyFacts(examined) },
    });
  }
  const { retiredAt } = source.document.spec;
  if (
    retiredAt !== undefined &&
    isRetiring(source.document, circumstances.input.now) &&
    facts.live.length > 0
  ) {
    const handles = facts.live.map(({ handle }) => handle).join(", ");
    const { method } = source.document.spec;
    const retiredSince = { retiredAt: instantIn(retiredAt), live: facts.live.length, handles, method };
    found.push({ code: "retired-but-live", level: "warning", facts: retiredSince });
  }
  return found;
}

/** Each policy finds by its own dates. */
export function dateFindings(examined: Examined): readonly Draft[] {
  const { duties, retired } = examined;
  if (retired) return [];
  if (duties.length === 0) return [{ code: "unmatched", level: "warning" }];
  return duties.flatMap(({ obligation }) => dateFinding(obligation, examined));
}

function dateFinding(obligation: Obligation, examined: Examined): readonly Draft[] {
  const { policy, dueAt, startAt, arithmetic } = obligation;
  const { now } = examined.circumstances.input;
  if (dueAt === undefined) return [{ code: "no-due-date", level: "warning", policy }];
  if (!reached(startAt, now)) return [];
  const facts = { dueAt, arithmetic, ...remedyFacts(examined, obligation) };
  return reached(dueAt, now)
    ? [{ code: "rotation-overdue", level: "critical", policy, facts }]
    : [{ code: "rotation-due", level: "warning", policy, facts }];
}

/** Who has to do what: the facts from which the fix is told. */
function remedyFacts({ source, status }: Examined, obligation?: Obligation): Facts {
  const { method, manual, delegate } = source.document.spec;
  const rotation = isOpen(status?.rotation) ? status.rotation : undefined;
  if (rotation !== undefined) {
    return { way: rotation.outcome === "parked" ? "parked" : "underway", step: rotation.step };
  }
  if (method === "manual") {
    const { console, steps } = manual ?? {};
    return {
      way: "manual",
      ...(console === undefined ? {} : { console }),
      ...(steps === undefined ? {} : { steps: isPath(steps) ? steps : "the steps in its document" }),
    };
  }
  if (method === "delegated") return { way: "delegated", to: delegate?.to ?? "another system" };
  const starts = obligation?.enforcement === "rotate" && obligation.exception === undefined;
  return { way: starts ? "automatic" : "command" };
}

function isPath(steps: string): boolean {
  return /^[^\s]{1,200}$/.test(steps);
}
