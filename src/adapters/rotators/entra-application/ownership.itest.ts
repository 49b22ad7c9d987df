import { describe, expect, test } from "vitest";
import { instantOf } from "../../../core/model/instant.ts";
import { failureOf, useEntraBench } from "../../../testing/services/entra/entra-bench.ts";
import { fenceOn, markOf, soon } from "../../../testing/services/entra/entra-orders.ts";

const bench = useEntraBench();

describe("what the tenant does not allow", () => {
  test("lives that are too long: the policy and the parameter are named, and nothing is made", async () => {
    const made = await bench.adopted({ provider: { lifetime: "90d" } });
    bench.service.setPolicy({ maxLifetime: 30 * 86_400 });
    const failure = await failureOf(made.issue("attempt-1"));
    expect(failure).toMatchObject({ code: "lifetime-not-allowed", outcome: "refused", retryable: false });
    expect(failure.fix).toContain("`lifetime`");
    expect(made.application.passwords).toHaveLength(1);
    const shorter = await made.bind({ provider: { lifetime: "30d" } });
    const issued = await shorter.issue?.(markOf("attempt-2", 3), await made.observe(), soon());
    expect(issued?.expiresAt).toBe(instantOf(bench.now + 30 * 86_400));
  });

  test("client secrets altogether", async () => {
    const made = await bench.adopted();
    bench.service.setPolicy({ forbidden: true });
    expect(await failureOf(made.issue("attempt-1"))).toMatchObject({
      code: "secrets-not-allowed",
      retryable: false,
    });
  });

  test("a third one where personal accounts may sign in, even beside an expired one", async () => {
    const made = await bench.adopted();
    Object.assign(made.application, { signInAudience: "AzureADandPersonalMicrosoftAccount" });
    bench.service.addByHand(made.application, "old", "2020-01-01T00:00:00Z");
    expect(await failureOf(made.issue("attempt-1"))).toMatchObject({
      code: "no-free-slot",
      outcome: "refused",
      retryable: false,
    });
  });
});

describe("whose client secret is it?", () => {
  test("expired ones of people are in nobody's way, and are not touched", async () => {
    const made = await bench.adopted();
    const old = bench.service.addByHand(made.application, "old", "2020-01-01T00:00:00Z");
    await made.rotator.preflight(soon());
    await made.issue("attempt-1");
    expect(made.application.passwords).toContain(old);
    expect(await made.versionOf(old.keyId)).toMatchObject({ live: false, reactivatable: false });
  });

  test("two that can sign in are shown as the portal shows them, and either can be chosen", async () => {
    const made = await bench.orders();
    const other = bench.service.addByHand(made.application, 'a "secret" name\u0007', "2027-03-01T00:00:00Z");
    const [first, second] = await made.observe();
    expect(first?.note).toMatch(
      /^description "made in the portal", begins with ...8?, made 20\d\d-.*Z, ends 20\d\d-.*Z$|^description "made in the portal", begins with .{3}, made /,
    );
    expect(second?.note).toContain(`begins with ${other.secretText.slice(0, 3)}, made`);
    expect(second?.note).toContain("ends 2027-03-01T00:00:00Z");
    expect(second?.note).toContain('"a "secret" name?"');
    await made.rotator.adopt(second!, markOf("adoption", 1), soon());
    expect((await made.observe()).map(({ mark }) => mark?.attempt)).toEqual([undefined, "adoption"]);
    expect(await failureOf(made.rotator.preflight(soon()))).toMatchObject({ code: "slot-taken" });
  });

  test("a mark that somebody copied to another one is nobody's", async () => {
    const made = await bench.adopted();
    const issued = await made.issue("attempt-1");
    const copied = made.application.passwords.find(({ keyId }) => keyId === issued.handle)?.displayName;
    bench.service.addByHand(made.application, copied);
    expect((await made.observe()).map(({ mark }) => mark?.attempt)).toEqual([
      "adoption",
      undefined,
      undefined,
    ]);
    const orphan = { ...(await made.versionOf(issued.handle)), mark: markOf("attempt-1", 2) };
    expect(await failureOf(made.rotator.revoke(orphan, fenceOn(orphan, 3), soon()))).toMatchObject({
      code: "foreign-mark",
      outcome: "refused",
    });
    expect(made.application.passwords).toHaveLength(3);
  });

  test("an attempt never has two, even where there is room for another", async () => {
    const made = await bench.orders();
    made.application.passwords = [];
    const first = await made.issue("attempt-1");
    expect(await failureOf(made.issue("attempt-1"))).toMatchObject({
      code: "slot-taken",
      outcome: "refused",
    });
    expect((await made.observe()).map(({ handle }) => handle)).toEqual([first.handle]);
  });

  test("tags of people stay as they are, in their order, and stale marks go", async () => {
    const made = await bench.orders();
    made.application.tags = ["WindowsAzureActiveDirectoryIntegratedApp", "cre: ours?", "team:payments"];
    await made.adopt();
    const old = await made.versionOf(made.first.keyId);
    await made.issue("attempt-1");
    await made.rotator.revoke(old, fenceOn(old, 3), soon());
    expect(made.application.tags).toEqual([
      "WindowsAzureActiveDirectoryIntegratedApp",
      "cre: ours?",
      "team:payments",
    ]);
  });

  test("one that is gone cannot be adopted", async () => {
    const made = await bench.orders();
    const version = await made.versionOf(made.first.keyId);
    made.application.passwords = [];
    expect(await failureOf(made.rotator.adopt(version, markOf("a", 1), soon()))).toMatchObject({
      code: "version-gone",
      retryable: false,
    });
  });

  test("a client secret of a clock that is ahead can sign in, whatever its beginning says", async () => {
    const made = await bench.orders();
    bench.now += 90;
    bench.service.addByHand(made.application, "ahead");
    bench.now -= 90;
    expect((await made.observe()).map(({ live }) => live)).toEqual([true, true]);
  });
});
