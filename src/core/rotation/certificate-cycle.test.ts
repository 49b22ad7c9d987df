import { describe, expect, it } from "vitest";
import { ATTEMPT, fresh, old, record, situation } from "../../testing/engine/record.ts";
import { at, credential, evaluateAt, only, policy, status, version } from "../../testing/evaluation/world.ts";
import { addTo, type Instant, secondsBetween } from "../model/instant.ts";
import type { Status } from "../state/status.ts";
import { nextMove } from "./decide.ts";
import type { OldSight } from "./old-use.ts";
import { deactivated } from "./old-versions.ts";
import type { Sights } from "./situation.ts";
import { advance, openRotation } from "./transition.ts";

/** A rotation of a certificate under the policy that is shipped is over before the next one begins. */

const HOUR = 3600;
const DAY = 24 * HOUR;
const EVERY = 6 * HOUR;
const ISSUED = at("2026-03-02T00:00:00Z");
const SHIPPED = policy("tls-certificates", {
  match: { types: ["tls-certificate"] },
  renew: { ari: true, beforeExpiry: "30d", fractionOfLifetime: "1/3" },
  enforcement: "rotate",
});

/** The one certificate of this lifetime, as it is judged. */
function evaluated(days: number) {
  const expiresAt = addTo(ISSUED, days * DAY);
  const records = {
    statuses: [status("web", { versions: [version("2026-03-02", { notBefore: ISSUED, expiresAt })] })],
  };
  const web = credential("web", { type: "tls-certificate", method: "automated" });
  const found = only(evaluateAt("2026-03-02", [web, SHIPPED], records));
  const [obligation] = found.obligations;
  const { startAt, dueAt } = obligation ?? {};
  if (startAt === undefined || dueAt === undefined) throw new Error("the policy gives it a date");
  return { effective: found.effective, startAt, dueAt };
}

interface Provider {
  readonly canDeactivate: boolean;
  /** What can be told of the old one's use; undefined: it is not live where it is served nowhere. */
  readonly sight: OldSight | undefined;
}

const PROVIDERS: Readonly<Record<string, Provider>> = {
  "tells that it is served nowhere": { canDeactivate: false, sight: undefined },
  "has seen no use of it": {
    canDeactivate: false,
    sight: { kind: "silent", sampled: false, detail: "none" },
  },
  "can suspend it and sees only the present": {
    canDeactivate: true,
    sight: { kind: "silent", sampled: true, detail: "none" },
  },
  "can suspend it and sees nothing": { canDeactivate: true, sight: { kind: "no-facility" } },
};

/** When the rotation that promoted a certificate of this lifetime is over, with runs every six hours. */
function closedAt(days: number, { canDeactivate, sight }: Provider): Instant {
  const before = old(sight === undefined ? { live: false } : {});
  let now = ISSUED;
  let rotating: Status = withPolicy(
    days,
    record({ step: "confirm", pointOfNoReturn: true }, [before, fresh({ promoted: true })]),
  );
  for (let runs = 0; runs < 200; runs += 1) {
    // Everything serves the new one at the run after.
    const isServed = secondsBetween(ISSUED, now) >= EVERY;
    const sights: Sights = {
      newVersion: {
        confirming: [],
        providerDecides: true,
        use: isServed
          ? { kind: "used", at: now, detail: "served" }
          : { kind: "silent", sampled: true, detail: "not yet" },
      },
      ...(sight === undefined ? {} : { old: sight }),
    };
    for (let moves = 0; moves < 20; moves += 1) {
      const move = nextMove(rotating, situation({ now, canDeactivate, sights }));
      if (move.kind === "rest") {
        rotating = move.status;
        break;
      }
      if (move.kind === "go") rotating = move.status;
      else if (move.kind === "effect" && move.step === "revoke") return now;
      else if (move.kind === "effect" && move.step === "deactivate") {
        const { shape } = situation();
        rotating = advance(deactivated(rotating, new Set([before.handle]), now), shape, now);
      } else throw new Error(`nobody expected to ${move.kind}`);
      if (rotating.rotation?.outcome !== "open") throw new Error(rotating.rotation?.parked?.message);
    }
    now = addTo(now, EVERY);
  }
  throw new Error("it never closes");
}

function withPolicy(days: number, before: Status): Status {
  const rotation = openRotation(before);
  const pinned = { ...rotation.pinned, policy: evaluated(days).effective };
  return { ...before, rotation: { ...rotation, attempt: ATTEMPT, pinned } };
}

describe.each(Object.entries(PROVIDERS))("where the provider %s", (_, provider) => {
  it.each([6, 45, 90, 200])(
    "the rotation of a certificate of %i days is over before the next begins",
    (days) => {
      const { startAt, dueAt } = evaluated(days);
      // One that soaks may keep the next waiting, and leaves it time before it is due.
      const latest = provider.canDeactivate ? addTo(dueAt, -EVERY) : startAt;
      expect(closedAt(days, provider) < latest).toBe(true);
    },
  );
});

it("one that is served nowhere any more is ended at the run that sees the new one everywhere", () => {
  const provider = PROVIDERS["tells that it is served nowhere"];
  expect(provider && closedAt(6, provider)).toBe(addTo(ISSUED, EVERY));
});

it.each([
  [6, 3 * DAY],
  [45, 30 * DAY],
  [90, 60 * DAY],
  [200, 170 * DAY],
])("a certificate of %i days is due so long after it was issued", (days, seconds) => {
  expect(secondsBetween(ISSUED, evaluated(days).dueAt)).toBe(seconds);
});
