import { describe, expect, test } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import { failureOf, useEntraBench } from "../../../testing/services/entra/entra-bench.ts";
import { type EntraOrders, fenceOn, markOf, soon } from "../../../testing/services/entra/entra-orders.ts";
import type { EntraCall } from "../../../testing/services/entra/faults.ts";

const bench = useEntraBench();

type Operation = "preflight" | "observe" | "adopt" | "issue" | "revoke";

/** What is there is known from before: the fault is for the operation itself. */
async function run({ rotator, first }: EntraOrders, operation: Operation): Promise<unknown> {
  const mark = markOf("adoption", 1);
  const version = { handle: first.keyId, slot: first.keyId, live: true, reactivatable: false, mark };
  switch (operation) {
    case "preflight":
      return rotator.preflight(soon());
    case "observe":
      return rotator.observe(soon());
    case "adopt":
      return rotator.adopt(version, markOf("adoption", 2), soon());
    case "issue":
      return rotator.issue?.(markOf("attempt-1", 2), [version], soon());
    case "revoke":
      return rotator.revoke(version, fenceOn(version, 2), soon());
  }
}

const CALLS: readonly (readonly [call: EntraCall, operation: Operation, says: string])[] = [
  ["readApplication", "preflight", "read the client secrets"],
  ["removePassword", "preflight", "removePassword"],
  ["readApplication", "observe", "read the client secrets"],
  ["readApplication", "adopt", "read the client secrets"],
  ["updateApplication", "adopt", "update the tags"],
  ["readApplication", "issue", "read the client secrets"],
  ["addPassword", "issue", "addPassword"],
  ["readApplication", "revoke", "read the client secrets"],
  ["removePassword", "revoke", "removePassword"],
];

describe.each(CALLS)("%s in %s", (call, operation, says) => {
  test("denied: the missing permission is named, a person must grant it, and nothing is changed", async () => {
    const made = await bench.adopted();
    bench.service.faults.plan(call, "denied", 9, 0);
    const failure = await failureOf(run(made, operation));
    expect(failure).toMatchObject({ code: "permission-missing", outcome: "refused", retryable: false });
    expect(failure.message).toContain(`may not ${says} at the application ${made.application.appId}`);
    expect(failure.fix).toContain("Application.ReadWrite.OwnedBy");
    expect(failure.evidence).toContain("Authorization_RequestDenied: Insufficient privileges");
    expect(made.application.passwords).toEqual([made.first]);
    bench.expectNoSecret(failure);
  });

  test.each(["throttled", "conflict"] as const)(
    "%s: it is sent again after the pause that was asked for, then refused for now",
    async (how) => {
      const made = await bench.adopted();
      bench.service.faults.plan(call, how, 2, 0);
      await run(made, operation);
      expect(bench.pauses.slice(0, 2)).toEqual(how === "throttled" ? [3, 3] : [1, 2]);
      const again = await bench.adopted();
      bench.service.faults.plan(call, how, 99, 0);
      expect(await failureOf(run(again, operation))).toMatchObject({
        code: how,
        outcome: "refused",
        retryable: true,
      });
      expect(bench.pauses).toHaveLength(3);
      bench.service.faults.clear();
      await run(again, operation);
    },
  );

  test("a pause that is too long is for the next run", async () => {
    const made = await bench.adopted();
    bench.service.faults.plan(call, "throttledLong", 1, 0);
    expect(await failureOf(run(made, operation))).toMatchObject({ code: "throttled", outcome: "refused" });
    expect(bench.pauses).toEqual([]);
  });

  test("a server that quotes what it was sent is not quoted, and a redirect is not followed", async () => {
    for (const fault of ["quoting", "redirect"] as const) {
      const made = await bench.adopted();
      bench.service.faults.plan(call, fault, 9, 0);
      const failure = await failureOf(run(made, operation)).catch((error: unknown) => error);
      bench.service.faults.clear();
      // Asking for the right to remove is done with a refusal.
      if (fault === "quoting" && operation === "preflight" && call === "removePassword") continue;
      expect(failure).toMatchObject({ outcome: fault === "quoting" ? "refused" : "unknown" });
      if (failure instanceof CreError) bench.expectNoSecret(failure);
    }
  });
});

describe("a client secret whose making nobody saw end", () => {
  const LOST = [
    "drop",
    "dropAfter",
    "error503",
    "error503After",
    "page",
    "garbage",
    "hang",
    "hangAfter",
  ] as const;
  test.each(LOST)(
    "%s: the outcome is unknown, and the next run finds what is there, drops it, and makes another",
    async (how) => {
      const made = await bench.adopted();
      bench.service.faults.plan("addPassword", how, 1, 0);
      const known = await made.observe();
      const limit = how.startsWith("hang") ? AbortSignal.timeout(300) : soon();
      const failure = await failureOf(made.rotator.issue?.(markOf("attempt-1", 2), known, limit));
      expect(failure).toMatchObject({ outcome: "unknown" });
      bench.expectNoSecret(failure);
      const orphans = (await made.observe()).filter(({ mark }) => mark?.attempt === "attempt-1");
      expect(orphans).toHaveLength(how.endsWith("After") ? 1 : 0);
      for (const orphan of orphans) {
        for (const _ of [1, 2]) await made.rotator.revoke(orphan, fenceOn(orphan, 3), soon());
      }
      await made.rotator.verify(await made.issue("attempt-2", 3), soon());
      expect(made.application.passwords).toHaveLength(2);
    },
  );

  test("one that comes late is found by its mark", async () => {
    const made = await bench.adopted();
    bench.service.faults.plan("addPassword", "drop", 1, 0);
    await failureOf(made.issue("attempt-1"));
    expect(await made.observe()).toHaveLength(1);
    bench.service.addByHand(made.application, `cre:${markOf("x", 1).rotation}:attempt-1:2`);
    expect((await made.observe())[1]).toMatchObject({ live: true, mark: markOf("attempt-1", 2) });
  });

  test("the look at it fails: it is in doubt, and found", async () => {
    const made = await bench.adopted();
    bench.service.faults.plan("readApplication", "denied", 1, 1);
    const known = [await made.versionOf(made.first.keyId)];
    bench.service.faults.clear();
    bench.service.faults.plan("readApplication", "denied", 1, 1);
    expect(await failureOf(made.rotator.issue?.(markOf("attempt-1", 2), known, soon()))).toMatchObject({
      outcome: "unknown",
    });
    expect((await made.observe()).map(({ mark }) => mark?.attempt)).toEqual(["adoption", "attempt-1"]);
  });
});

describe("a client secret whose removal nobody saw end", () => {
  test.each(["drop", "dropAfter", "error503", "error503After", "page"] as const)(
    "%s: the outcome is unknown, and the same again ends it",
    async (how) => {
      const made = await bench.adopted();
      bench.service.faults.plan("removePassword", how, 1, 0);
      expect(await failureOf(run(made, "revoke"))).toMatchObject({ outcome: "unknown", retryable: true });
      await run(made, "revoke");
      expect(made.application.passwords).toEqual([]);
      expect(made.application.tags).toEqual([]);
    },
  );

  test.each<EntraCall>(["readApplication", "updateApplication"])(
    "gone, and then %s is denied: it is in doubt, and the same again ends it",
    async (call) => {
      const made = await bench.adopted();
      bench.service.listener = (heard, side) => {
        if (side === "after" && heard === "removePassword") bench.service.faults.plan(call, "denied", 1, 0);
        return undefined;
      };
      const failure = await failureOf(run(made, "revoke"));
      bench.service.listener = undefined;
      expect(failure).toMatchObject({ code: "permission-missing", outcome: "unknown" });
      expect(made.application.passwords).toEqual([]);
      await run(made, "revoke");
      expect(made.application.tags).toEqual([]);
    },
  );
});

test("one that somebody else removes in the same moment is gone, and that is success", async () => {
  const made = await bench.adopted();
  bench.service.listener = (call, side) => {
    if (side === "before" && call === "removePassword") made.application.passwords = [];
    return undefined;
  };
  await run(made, "revoke");
  expect(made.application.tags).toEqual([]);
});

describe("servers of Graph that know of a change later than others", () => {
  const LAGS = [[true], [true, false, true, true], [false, true, false], [true, true, true, true, true]];
  test.each(LAGS)("%j: every step waits until it shows, twice in a row", async (...lag) => {
    const made = await bench.orders();
    bench.service.lag = lag;
    await made.adopt();
    const issued = await made.issue("attempt-1");
    const fresh = await made.versionOf(issued.handle);
    expect(fresh).toMatchObject({ live: true, mark: markOf("attempt-1", 2) });
    const old = await made.versionOf(made.first.keyId);
    await made.rotator.revoke(old, fenceOn(old, 3), soon());
    expect((await made.observe()).map(({ handle }) => handle)).toEqual([issued.handle]);
  });

  test("what does not show in time is unknown", async () => {
    const made = await bench.adopted();
    bench.service.lag = Array.from({ length: 40 }, () => true);
    expect(await failureOf(made.issue("attempt-1"))).toMatchObject({
      code: "not-visible-yet",
      outcome: "unknown",
    });
    expect(bench.pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(50);
  });
});
