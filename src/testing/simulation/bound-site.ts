import { CreError } from "../../core/model/errors.ts";
import { addTo, type Instant } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundDelivery, Consignment } from "../../core/ports/delivery.ts";
import type { BoundRotator, Collected, Issued, Mark, ObservedVersion } from "../../core/ports/rotator.ts";
import type { Step } from "../../core/state/status.ts";
import type { Bound } from "../../runner/ports.ts";
import type { Process } from "./process.ts";
import type { Site } from "./site.ts";
import type { Target } from "./target.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Every simulated secret begins so: found anywhere but in a target, it has leaked. */
export const CANARY = "canary-";

/** Longer than any story. */
const CERTIFICATE_SECONDS = 3650 * 86_400;

/** Told of an effect that a process is about to send. */
export type Sent = (process: Process, site: Site, step: Step, slot?: string) => void;

/** A provider account and its targets as one process has them, over a network that fails. */
export function bindSite(site: Site, process: Process, time: VirtualTime, sent: Sent): Bound {
  return {
    rotator: rotatorOf(site, process, time, sent),
    deliveries: site.targets.map((target) => deliveryOf(target, site, process, sent)),
    close: async () => undefined,
  };
}

function rotatorOf(site: Site, process: Process, time: VirtualTime, sent: Sent): BoundRotator {
  const { provider, plan } = site;
  const { views } = site;
  const read = <T>(what: string, signal: AbortSignal, act: () => T): Promise<T> =>
    process.call(`${site.id}: ${what}`, "read", signal, act);
  const effect = <T>(step: Step, signal: AbortSignal, act: () => T, slot?: string): Promise<T> => {
    sent(process, site, step, slot);
    return process.call(
      `${site.id}: ${step}${slot === undefined ? "" : ` ${slot}`}`,
      "effect",
      signal,
      () => {
        const done = act();
        views.wrote(process.name, time.now);
        site.touchedAt = time.now;
        return done;
      },
    );
  };
  const seen = (): readonly ObservedVersion[] => views.observe(process.name, time.now);
  const common: BoundRotator = {
    identity: `simulated/${site.id}`,
    preflight: (signal) => read("preflight", signal, () => undefined),
    observe: (signal) => read("observe", signal, seen),
    adopt: (version, mark, signal) =>
      effect("adopt", signal, () => provider.adopt(version, mark), version.slot),
    verify: ({ parts }, signal) =>
      read("verify", signal, () => {
        const secret = parts.get("password")?.reveal().slice(CANARY.length);
        if (!provider.isLive(secret)) throw new CreError("login-refused", `${site.id} refuses the login`);
      }),
    revoke: (version, fence, signal) =>
      effect("revoke", signal, () => provider.revoke(version.slot, fence), version.slot),
    close: async () => undefined,
    ...(plan.canDeactivate
      ? {
          deactivate: (version, fence, signal) =>
            effect("deactivate", signal, () => provider.deactivate(version.slot, fence), version.slot),
          reactivate: (version, fence, signal) =>
            effect("reactivate", signal, () => provider.reactivate(version.slot, fence), version.slot),
        }
      : {}),
    ...(plan.canContain
      ? {
          contain: (_version, _since, signal) =>
            effect("contain", signal, () => [{ place: site.id, dead: true, detail: "sessions ended" }]),
        }
      : {}),
  };
  const eyes: Pick<BoundRotator, "inUse"> = {
    inUse: async (version, since, signal) =>
      read("in use", signal, () => {
        const use = provider.inUse(version.slot, since, time.instant, site.sessions());
        if (use === "no-facility") throw new Error("asked for what it cannot tell");
        return use;
      }),
  };
  const seeing = provider.eyes === "none" ? common : { ...common, ...eyes };
  if (site.inPlace) {
    return {
      ...seeing,
      generate: async (mark) => issuedAs(mark, { handle: `a@${mark.attempt}`, slot: "a" }, time.instant),
      apply: ({ parts }, fence, signal) =>
        effect("apply", signal, () => provider.apply("a", secretOf(parts), fence, time.instant), "a"),
    };
  }
  const issued = (mark: Mark): Issued => issuedAs(mark, provider.issue(mark, time.instant), time.instant);
  const issue: BoundRotator["issue"] = (mark, _occupied, signal, reference) =>
    effect("issue", signal, () => {
      if (plan.recipe === "ordered" && reference === undefined) throw new Error("collects no order");
      const version = issued(mark);
      return plan.recipe === "signed" ? { ...version, reference: `request-${mark.attempt}` } : version;
    });
  if (plan.recipe === "ordered") {
    return {
      ...seeing,
      issue,
      request: (mark, former, signal) => effect("request", signal, () => former ?? `order-${mark.attempt}`),
    };
  }
  if (plan.recipe !== "signed") return { ...seeing, issue };
  return {
    ...seeing,
    issue,
    collect: (request, signal) => read("collect", signal, () => collectedFor(request, site, time)),
  };
}

function collectedFor(request: string, site: Site, time: VirtualTime): Collected {
  if (!site.isSigned(request, time.now)) return { kind: "waiting", detail: "people take their time" };
  const [notBefore, expiresAt] = [time.instant, addTo(time.instant, CERTIFICATE_SECONDS)];
  return { kind: "ready", parts: new Map(), notBefore, expiresAt, detail: "signed" };
}

function secretOf(parts: Issued["parts"]): string {
  const text = parts.get("password")?.reveal() ?? "";
  if (!text.startsWith(CANARY)) throw new Error("a delivery got something else than its secret");
  return text.slice(CANARY.length);
}

function issuedAs(mark: Mark, place: { handle: string; slot: string }, createdAt: Instant): Issued {
  const parts = new Map([["password", new Secret(`${CANARY}${mark.attempt}`)]]);
  return { ...place, createdAt, parts };
}

function deliveryOf(target: Target, site: Site, process: Process, sent: Sent): BoundDelivery {
  const effect = (step: Step, signal: AbortSignal, act: () => void): Promise<void> => {
    sent(process, site, step);
    return process.call(`${target.label}: ${step}`, "effect", signal, act);
  };
  const common = {
    label: target.label,
    consumer: target.label,
    confirms: target.confirms,
    triesPending: site.plan.recipe === "in-place",
    preflight: (signal: AbortSignal) =>
      process.call(`${target.label}: preflight`, "read", signal, () => undefined),
    holds: (signal: AbortSignal) =>
      process.call(`${target.label}: holds`, "read", signal, () => target.holds()),
  };
  if (!target.stages) {
    return {
      ...common,
      push: (_consignment, parts, signal) => effect("push", signal, () => target.push(secretOf(parts))),
    };
  }
  return {
    ...common,
    stage: (_consignment, parts, signal) => effect("stage", signal, () => target.stage(secretOf(parts))),
    promote: ({ attempt }: Consignment, signal) => effect("promote", signal, () => target.promote(attempt)),
    abort: ({ attempt }: Consignment, signal) => effect("abort", signal, () => target.abort(attempt)),
  };
}
