import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CreError } from "../core/model/errors.ts";
import type { Instant } from "../core/model/instant.ts";
import type { Store } from "../core/ports/store.ts";
import { at } from "../testing/evaluation/world.ts";
import { type ReviewedEstate, reviewedEstate } from "../testing/reviews/reviewed-estate.ts";

const NOON = at("2026-11-30T12:00:00Z");
const NEXT_DAY = at("2026-12-01T12:00:00Z");
const LATER = at("2026-12-05T12:00:00Z");
const FILE = "exceptions/freeze.yaml";

const POLICY = `apiVersion: cre/v1
kind: Policy
metadata: { name: keys }
spec: { match: { types: [api-key] }, rotateWithin: 90d, enforcement: rotate }
`;
const KEY = `apiVersion: cre/v1
kind: Credential
metadata: { name: shop-key }
spec:
  type: api-key
  service: shop
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-01
  method: manual
  access: []
`;
const hook = (host: string): string => `apiVersion: cre/v1
kind: Connection
metadata: { name: hook }
spec: { webhook: { url: "https://${host}.example.com/", key: { id: k1, secret: { env: HOOK_KEY } } } }
`;
const CLOUD = `apiVersion: cre/v1
kind: Connection
metadata: { name: cloud }
spec: { aws: { region: eu-central-1 } }
`;
const ORDERS = `${KEY.replace("shop-key", "orders-key").replace("method: manual", "method: automated")}  provider: { aws-iam: { connection: cloud, user: orders } }
  deliver: [{ webhook: { connection: hook } }]
`;
const exception = (
  more = "",
  words = "The vendor moves its console this month, no key can be made.",
): string =>
  `apiVersion: cre/v1
kind: Exception
metadata: { name: freeze }
spec:
  credentials: [shop-key]
  policy: keys
  justification: ${words}
  requestedBy: bob
  startsAt: 2026-11-15
  expiresAt: 2027-01-15
${more}`;

let estate: ReviewedEstate;
beforeEach(async () => {
  const files = { "registry/shop.yaml": KEY, "registry/orders.yaml": ORDERS, "policies/keys.yaml": POLICY };
  const connections = { "policies/hook.yaml": hook("good"), "policies/cloud.yaml": CLOUD };
  estate = await reviewedEstate({ ...files, ...connections }, "  changes: { cooldown: 24h }\n");
  estate.setClock(NOON);
});
afterEach(async () => estate.dispose());

/** Bob's change of these files; gives its number. */
async function proposed(files: Readonly<Record<string, string | null>>): Promise<number> {
  await estate.as("bob").push({ branch: "change", files });
  return estate.as("bob").openPull({ branch: "change" });
}

/** What a look without the forge makes of the exception: what waives the key, and why it does not count. */
async function standing(now: Instant = NOON) {
  const { evaluation, state } = await estate.lookAt(now);
  const key = evaluation.credentials.get("shop-key");
  const [fact] = Object.values(state.books?.reviews?.exceptions ?? {});
  return { waivedBy: key?.exception, why: key?.exceptions[0]?.void?.reason, fact };
}

describe("an exception on a forge", () => {
  test("counts once a run was told who approved it; git alone says so from then on, wherever it is moved", async () => {
    const number = await proposed({ [FILE]: exception() });
    await estate.as("carol").review(number, "APPROVED");
    const commit = await estate.as("bob").merge(number, "squash");
    expect((await standing()).why).toBe("no run has yet been told by the forge who approved it");
    const report = await estate.runAt(NOON);
    expect(report.lines.map(({ text }) => text)).toContain(
      `Exception freeze is approved: carol approved #${number}`,
    );
    const { waivedBy, fact } = await standing();
    expect(waivedBy).toBe("freeze");
    expect(fact).toMatchObject({ verdict: "approved", approvers: ["carol"], commit, settled: true });
    expect(fact?.change).toMatchObject({ number, author: "bob" });
    await estate.repository.commit({ files: { [FILE]: null, "exceptions/moved.yaml": exception() } });
    const before = estate.github.calls.length;
    await estate.runAt(NOON);
    expect(estate.github.calls.slice(before).filter((route) => /pulls|commits/.test(route))).toEqual([]);
    expect((await standing()).waivedBy).toBe("freeze");
  });

  test("does not count when its author pushed after the approval, and does once that is approved, too", async () => {
    const number = await proposed({
      [FILE]: exception("", "A reason that somebody else has read and agreed to."),
    });
    await estate.as("carol").review(number, "APPROVED");
    await estate.as("bob").push({ branch: "change", files: { [FILE]: exception() } });
    await estate.as("bob").merge(number);
    await estate.runAt(NOON);
    expect((await standing()).why).toMatch(/was approved \(carol at .*before this document was changed/);
    await estate.as("carol").review(number, "APPROVED");
    await estate.runAt(NOON);
    expect((await standing()).waivedBy).toBe("freeze");
  });

  test("waits while the forge does not answer or a run dies before its answer is in git, and is told once when two runs ask", async () => {
    const number = await proposed({ [FILE]: exception() });
    await estate.as("carol").review(number, "APPROVED");
    await estate.as("bob").merge(number);
    estate.github.fail("*", "error500", 100);
    const report = await estate.runAt(NOON);
    estate.github.mend();
    expect(report.lines.map(({ text }) => text).join("\n")).toContain(
      "nobody can say yet who approved Exception freeze",
    );
    expect((await standing()).why).toContain("no run has yet been told");
    const dies = (store: Store): Store =>
      withPublish(store, async () => {
        throw new CreError("killed", "the run is dead");
      });
    await expect(estate.runAt(NOON, { store: dies })).rejects.toThrow("dead");
    expect((await standing()).fact).toBeUndefined();
    // Another run is quicker, and what the first one asked is not said twice.
    let raced = false;
    const races = (store: Store): Store =>
      withPublish(store, async (...push) => {
        if (!raced) {
          raced = true;
          await estate.runAt(NOON);
        }
        return store.publish(...push);
      });
    await estate.runAt(NOON, { store: races });
    expect((await standing()).waivedBy).toBe("freeze");
    const log = await estate.repository.git("log", "--format=%s", "cre/state");
    expect(log.split("\n").filter((line) => line.includes("Exception freeze is approved"))).toHaveLength(1);
  });
});

function withPublish(store: Store, publish: Store["publish"]): Store {
  return { ...within(store), publish };
}

/** The same store, as an object whose parts can be replaced. */
function within(store: Store): Store {
  return {
    fetchInputs: async (...given) => store.fetchInputs(...given),
    fetchState: async (...given) => store.fetchState(...given),
    publish: async (...given) => store.publish(...given),
    changesSince: async (...given) => store.changesSince(...given),
    lastInputs: async (...given) => store.lastInputs(...given),
    readAudit: async (...given) => store.readAudit(...given),
    readFile: async (...given) => store.readFile(...given),
    inputsAt: async (...given) => store.inputsAt(...given),
    originsOf: async (...given) => store.originsOf(...given),
    saidIn: (...given) => store.saidIn(...given),
  };
}

describe("a change of a connection on a forge", () => {
  const change = { "policies/hook.yaml": hook("evil") };
  const orders = async (now: Instant) => (await estate.lookAt(now)).evaluation.credentials.get("orders-key");

  test("holds what uses it until another person approved it and a day has passed; nothing is bound to it before", async () => {
    expect((await estate.runAt(NOON)).bound).toEqual(["https://good.example.com/"]);
    const number = await proposed(change);
    await estate.as("bob").merge(number);
    const held = await estate.runAt(NEXT_DAY);
    expect(held.bound).toEqual(["https://good.example.com/"]);
    expect((await orders(LATER))?.change).toMatchObject({ until: undefined, name: "change-of-hook" });
    // Somebody else's change of other things, that the author of the first approves, does not approve the first.
    await estate
      .as("dave")
      .push({ branch: "tidy", files: { "policies/hook.yaml": `# tidy\n${hook("evil")}` } });
    const tidy = await estate.as("dave").openPull({ branch: "tidy" });
    await estate.as("bob").review(tidy, "APPROVED");
    await estate.as("dave").merge(tidy);
    await estate.runAt(NEXT_DAY);
    expect((await orders(LATER))?.change?.reason).toBe(
      `connection hook was changed: nobody approved #${number}`,
    );
    estate.setClock(NEXT_DAY);
    await estate.as("carol").review(number, "APPROVED");
    await estate.runAt(NEXT_DAY);
    expect((await orders(NEXT_DAY))?.change?.until).toBe("2026-12-02T12:00:00Z");
    const over = await estate.runAt(LATER);
    expect(over.bound).toEqual(["https://evil.example.com/"]);
    expect(over.lines.map(({ text }) => text)).toContain("connection hook: the change is in force");
  });

  test("is held by the settings of before, when those that come with it ask for nothing or are broken", async () => {
    await estate.runAt(NOON);
    const burnt = `${ORDERS}  compromised: { at: 2026-11-30T12:00:00Z, reportedBy: alice, reason: printed in a log }\n`;
    const settings = (forge: string) =>
      `apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec: { forge: ${forge} }\n`;
    const broken = {
      ...change,
      "registry/orders.yaml": burnt,
      "policies/settings.yaml": settings("nothing"),
    };
    await estate.repository.commit({ files: broken });
    const emergency = await estate.runAt(NEXT_DAY, { stopsWhenBound: true });
    expect(emergency.bound).toEqual(["https://good.example.com/"]);
    await estate.repository.commit({ files: { "policies/settings.yaml": settings("{ kind: none }") } });
    const report = await estate.runAt(LATER, { stopsWhenBound: true });
    expect(report.bound).toEqual(["https://good.example.com/"]);
    expect(report.lines.map(({ text }) => text)).toContain(
      "the settings now ask for less before a changed target is used: no approval and no cooldown; that is in force from 2026-12-06T12:00:00Z",
    );
  });

  test("does not stop an emergency, which goes where secrets went before and says so", async () => {
    await estate.runAt(NOON);
    await estate.repository.commit({ files: change });
    const burnt = `${ORDERS}  compromised: { at: 2026-11-30T12:00:00Z, reportedBy: alice, reason: printed in a log }\n`;
    await estate.repository.commit({ files: { "registry/orders.yaml": burnt } });
    const report = await estate.runAt(NEXT_DAY, { stopsWhenBound: true });
    expect(report.bound).toEqual(["https://good.example.com/"]);
    const text = report.lines.map((line) => line.text).join("\n");
    expect(text).toContain(
      "its target was changed (connection hook) and that is not in force: the emergency uses",
    );
    const forgets = (store: Store): Store => ({ ...within(store), inputsAt: async () => undefined });
    const lost = await estate.runAt(NEXT_DAY, { store: forgets });
    expect([lost.bound, lost.exit]).toEqual([[], 3]);
    expect(lost.lines.map((line) => line.text).join("\n")).toMatch(
      /orders-key: nothing is done with it: connection hook was changed .* take the change back/,
    );
  });
});

test("a document that vanishes is remembered, with who removed it, until it is back", async () => {
  await estate.runAt(NOON);
  await estate.repository.commit({ files: { "registry/shop.yaml": null }, author: "mallory" });
  await estate.runAt(NOON);
  const gone = (await estate.lookAt(NEXT_DAY)).evaluation.findings.find(
    ({ code }) => code === "removed-without-retirement",
  );
  expect(gone).toMatchObject({ credential: "shop-key", level: "critical", waivedBy: null });
  expect(gone?.facts["author"]).toContain("mallory");
  await estate.repository.commit({ files: { "registry/shop.yaml": KEY } });
  await estate.runAt(NEXT_DAY);
  const { evaluation, state } = await estate.lookAt(NEXT_DAY);
  expect(evaluation.findings.map(({ code }) => code)).not.toContain("removed-without-retirement");
  expect(state.books?.reviews?.vanished).toEqual({});
});
