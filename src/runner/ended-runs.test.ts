import { describe, expect, test } from "vitest";
import { EffectError } from "../core/model/errors.ts";
import type { Forge } from "../core/ports/forge.ts";
import { leaseView } from "../core/rotation/lease.ts";
import type { Status } from "../core/state/status.ts";
import { NOON, record } from "../testing/engine/record.ts";
import { at } from "../testing/evaluation/world.ts";
import { endedHolders } from "./ended-runs.ts";

const { signal } = new AbortController();
const NOW = at("2026-03-10T11:50:00Z");

function heldBy(holder: string, run = "other"): Status {
  return record({ lease: { run, epoch: 2, until: NOON, holder } });
}

/** Asks a forge that says this of runs. */
async function ask(statuses: readonly Status[], answer: (run: string) => boolean | undefined) {
  const asked: string[] = [];
  const told: string[] = [];
  // `as`: nothing else of it is asked here.
  const forge = {
    isRunOver: async (run: string) => {
      asked.push(run);
      return answer(run);
    },
  } as Partial<Forge> as Forge;
  const over = await endedHolders(
    statuses,
    {
      clock: { now: () => NOW },
      identity: { run: "mine", actor: "schedule" },
      liveness: {
        self: "here",
        isDead: (holder) => holder.startsWith("dead"),
        runOf: (holder) => holder.split(" in ")[1],
      },
      progress: { step: () => undefined, warn: (message) => told.push(message) },
      timeLimit: () => signal,
    },
    { forge: async () => forge },
    signal,
  );
  return { over: [...over], asked, told };
}

describe("holders of leases whose run is over", () => {
  test("are found by asking once for each run that holds one", async () => {
    const statuses = [heldBy("a in r/1"), heldBy("b in r/1"), heldBy("c in r/2"), heldBy("d in r/3")];
    const { over, asked } = await ask(statuses, (run) => (run === "r/3" ? undefined : run === "r/1"));
    expect(asked).toEqual(["r/1", "r/2", "r/3"]);
    expect(over).toEqual(["a in r/1", "b in r/1"]);
    const { lease } = statuses[0]?.rotation ?? {};
    expect(leaseView(lease, "mine", NOW, (holder) => over.includes(holder))).toBe("free");
  });

  test("are not asked for where nobody else holds a lease, or the holder names no run", async () => {
    const statuses = [heldBy("a in r/1", "mine"), heldBy("dead in r/2"), heldBy("elsewhere"), record({})];
    expect((await ask(statuses, () => true)).asked).toEqual([]);
  });

  test("are not known where the forge does not answer: the lease stays, and a person is told", async () => {
    const { over, told } = await ask([heldBy("a in r/1")], () => {
      throw new EffectError("unknown", "no-answer", "GitHub gave no answer");
    });
    expect(over).toEqual([]);
    expect(told).toEqual([expect.stringContaining("GitHub gave no answer")]);
  });
});
