import { expect, test } from "vitest";
import { addTo, instantOf } from "../../../core/model/instant.ts";
import type { UseEvidence } from "../../../core/ports/rotator.ts";
import { failureOf, useEntraBench } from "../../../testing/services/entra/entra-bench.ts";
import { type EntraOrders, soon } from "../../../testing/services/entra/entra-orders.ts";
import { REPORTING_LAG } from "./use.ts";

const bench = useEntraBench();

/** What the report says of the first client secret since this many seconds ago. */
async function useOf(made: EntraOrders, ago: number): Promise<UseEvidence | undefined> {
  const version = await made.versionOf(made.first.keyId);
  return made.rotator.inUse?.(version, instantOf(bench.now - ago), soon());
}

function signedIn({ application, first }: EntraOrders, at: number): void {
  bench.service.tenant.signIns.set(first.keyId, { appId: application.appId, at: at * 1000 });
}

test("without the connection's leave nobody asks the report, and nothing can tell", async () => {
  const made = await bench.orders();
  const { signInActivity: _, ...connection } = made.door.connection;
  expect(await made.bind({ connection })).not.toHaveProperty("inUse");
});

test.each([
  ["the right", (made: EntraOrders) => void made.client.granted.delete("AuditLog.Read.All")],
  ["the licence", () => void Object.assign(bench.service.tenant, { isPremium: false })],
])("without %s it is unknown, and a person is told at the beginning", async (_, take) => {
  const made = await bench.adopted();
  take(made);
  await made.rotator.preflight(soon());
  expect(bench.warnings).toHaveLength(1);
  expect(bench.warnings[0]).toMatch(
    /nobody can tell whether client secrets of the application .* status 403/,
  );
  expect(await useOf(made, 7 * 86_400)).toMatchObject({ kind: "unknown" });
});

test("a report that is only busy is no answer", async () => {
  const made = await bench.adopted();
  bench.service.faults.plan("readSignIns", "throttled", 9, 0);
  expect(await failureOf(useOf(made, 60))).toMatchObject({ code: "throttled" });
});

test("a report that knows no sign-in of the application proves nothing", async () => {
  const made = await bench.adopted();
  bench.service.tenant.signIns.clear();
  expect(await useOf(made, 30 * 86_400)).toMatchObject({ kind: "unknown" });
});

test("a sign-in since then is use; one before it is silence, once the report had time to tell", async () => {
  const made = await bench.adopted();
  bench.now += 30 * 86_400;
  signedIn(made, bench.now - 4 * 86_400);
  expect(await useOf(made, 5 * 86_400)).toMatchObject({
    kind: "used",
    at: instantOf(bench.now - 4 * 86_400),
  });
  expect(await useOf(made, 3 * 86_400)).toMatchObject({ kind: "silent", sampled: false });
  const recent = await useOf(made, REPORTING_LAG - 1);
  expect(recent).toMatchObject({ kind: "unknown" });
  expect(recent?.detail).toContain(`until ${addTo(instantOf(bench.now), 1)}`);
});

test("a sign-in that the report puts on midnight may have been at any time of that day", async () => {
  const made = await bench.adopted();
  bench.now += 30 * 86_400;
  const midnight = Math.floor(bench.now / 86_400) * 86_400 - 5 * 86_400;
  signedIn(made, midnight);
  expect(await useOf(made, bench.now - midnight - 80_000)).toMatchObject({ kind: "used" });
  expect(await useOf(made, bench.now - midnight - 86_400)).toMatchObject({ kind: "silent" });
});

test("our own look at a new client secret is no use of it", async () => {
  const made = await bench.adopted();
  const issued = await made.issue("attempt-1");
  await made.rotator.verify(issued, soon());
  const fresh = await made.versionOf(issued.handle);
  bench.now += 3 * 86_400;
  const since = issued.createdAt;
  expect(await made.rotator.inUse?.(fresh, since, soon())).toMatchObject({ kind: "silent" });
  await made.rotator.verify(issued, soon());
  expect(await made.rotator.inUse?.(fresh, since, soon())).toMatchObject({ kind: "used" });
});

test("an answer of another kind is no evidence", async () => {
  const made = await bench.adopted();
  bench.service.faults.plan("readSignIns", "garbage", 9, 0);
  expect(await failureOf(useOf(made, 60))).toMatchObject({ code: "answer-malformed" });
});

test("an incident is told what is dead, and until when tokens live that nothing ends", async () => {
  const made = await bench.adopted();
  const version = await made.versionOf(made.first.keyId);
  const before = await made.rotator.contain?.(version, instantOf(bench.now), soon());
  expect(before?.map(({ dead }) => dead)).toEqual([false, false]);
  await made.rotator.revoke(version, { expected: version.mark, next: version.mark! }, soon());
  const [secret, tokens] = (await made.rotator.contain?.(version, instantOf(bench.now), soon())) ?? [];
  expect(secret).toEqual({ place: `client secret ${version.handle}`, dead: true, detail: "removed" });
  expect(tokens).toMatchObject({ dead: false });
  expect(tokens?.detail).toContain(`until ${instantOf(bench.now + 5400)}`);
  expect(tokens?.detail).toContain(`until ${instantOf(bench.now + 86_400)}`);
});
