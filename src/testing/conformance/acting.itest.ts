import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActing } from "../../app/acting/open-acting.ts";
import type { Acting } from "../../app/acting.ts";
import { addTo, instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { Status } from "../../core/state/status.ts";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import { git } from "./estate.ts";
import { type Fleet, firstPassword, launchFleet, ship } from "./fleet.ts";
import { canLogIn } from "./proofs.ts";

let postgres: TestPostgres;
let fleet: Fleet;
beforeEach(async () => {
  postgres = await startPostgres({});
  fleet = await launchFleet(postgres, { ships: [ship("orders-db"), ship("billing-db")] });
});
afterEach(async () => {
  await fleet.dispose();
  await postgres.stop();
});

function acting(
  signal: AbortSignal = new AbortController().signal,
  change: Partial<Parameters<typeof openActing>[0]> = {},
): Acting {
  return openActing({
    repo: fleet.clone(),
    progress: { step: () => undefined, warn: () => undefined },
    signal,
    env: fleet.env,
    actor: "alice",
    ...change,
  });
}

function record(name: string): Status {
  // `as`: written by the product, whose own reader checks it.
  return JSON.parse(git(fleet.remote, "show", `cre/state:registry/status/${name}/${name}.json`)) as Status;
}

function soon(seconds: number) {
  return addTo(instantOf(Date.now() / 1000), seconds);
}

async function works(name: string): Promise<boolean> {
  const parts = fleet.receiver.credentials(name).current?.parts ?? {};
  return canLogIn(postgres, {
    database: "fleet",
    user: parts["username"] ?? "",
    password: parts["password"] ?? "",
  });
}

describe("cre rotate", () => {
  test("adopts and goes on in one run, and touches no other credential", async () => {
    const report = await acting().rotateOne({ credential: "orders-db" });
    expect(report.exit).toBe(0);
    expect(fleet.receiver.credentials("orders-db").current?.attempt).toMatch(/^[0-9a-f-]{36}$/);
    expect(fleet.receiver.credentials("billing-db").current?.attempt).toBeNull();
    expect(await works("orders-db")).toBe(true);
  });

  test("says the nearest name when there is no such credential", async () => {
    const report = await acting().rotateOne({ credential: "order-db" });
    expect(report.exit).toBe(2);
    expect(report.lines.map(({ text }) => text).join("\n")).toContain("orders-db");
  });
});

describe("cre rotate with a value that a person made", () => {
  const manual = `apiVersion: cre/v1
kind: Credential
metadata: { name: console-key }
spec:
  type: api-key
  service: console
  owner: { team: fleet, contact: fleet@example.com }
  createdAt: 2026-01-15
  method: manual
  deliver:
    - webhook: { connection: hook }
      consumer: app
  access: [{ principal: app, kind: service }]
`;

  test("delivers it and writes it down nowhere", async () => {
    fleet.commit("registry/console.yaml", manual);
    const report = await acting().rotateOne({
      credential: "console-key",
      value: new Secret("the-value-from-the-console-0815"),
    });
    expect({ exit: report.exit, lines: report.lines }).toMatchObject({ exit: 0 });
    expect(fleet.receiver.credentials("console-key").current?.parts).toEqual({
      value: "the-value-from-the-console-0815",
    });
    const value = "the-value-from-the-console-0815";
    expect(git(fleet.remote, "cat-file", "--batch-all-objects", "--batch").includes(value)).toBe(false);
    expect(JSON.stringify(report).includes(value)).toBe(false);
    expect(report.lines.map(({ text }) => text).join("\n")).toContain("cre rotated console-key");
  });
});

describe("a hold", () => {
  test("keeps a due rotation back until it is released", async () => {
    await acting().runScheduled({});
    expect(
      (await acting().pressHold({ credentials: ["orders-db"], until: soon(3600), reason: "incident 12" }))
        .exit,
    ).toBe(0);
    await acting().runScheduled({});
    expect(fleet.receiver.credentials("orders-db").current?.attempt).toBeNull();
    expect(fleet.receiver.credentials("billing-db").current?.attempt).not.toBeNull();
    expect((await acting().release({ id: "orders-db", reason: "incident 12 is over" })).exit).toBe(0);
    await acting().runScheduled({});
    expect(fleet.receiver.credentials("orders-db").current?.attempt).not.toBeNull();
  });

  test("does not stop an emergency", async () => {
    await acting().runScheduled({});
    await acting().pressHold({ credentials: "all", until: soon(3600), reason: "audit" });
    const report = await acting().declareIncident({
      credential: "orders-db",
      reason: "leaked",
      revokeFirst: false,
      wait: true,
    });
    expect(report.exit).toBe(0);
    expect(
      await canLogIn(postgres, {
        database: "fleet",
        user: "orders_db_a",
        password: firstPassword("orders-db"),
      }),
    ).toBe(false);
    expect(await works("orders-db")).toBe(true);
  });
});

describe("cre compromise", () => {
  test("says at once why it cannot go on, and when it tries again", async () => {
    await acting().runScheduled({});
    const stop = new AbortController();
    const warned: string[] = [];
    const warn = (message: string): void => {
      if (!message.includes("tried again")) return;
      warned.push(message);
      stop.abort();
    };
    const options = { credential: "orders-db", reason: "leaked", revokeFirst: false, wait: true };
    const withoutKey = { ...fleet.env, HOOK_KEY: undefined };
    const progress = { step: () => undefined, warn };
    const report = await acting(stop.signal, { env: withoutKey, progress }).declareIncident(options);
    expect(report.exit).toBe(4);
    expect(report.lines.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/incident orders-db-\S+ is on record/),
        expect.stringMatching(/interrupted: whether everything is dead was not asked/),
      ]),
    );
    expect(warned).toEqual([
      expect.stringMatching(/^orders-db: preflight failed: .*HOOK_KEY.* \(tried again at 20\S+Z\)$/s),
    ]);
  });

  test("calls nothing dead that it has never seen", async () => {
    const options = { credential: "orders-db", reason: "leaked", revokeFirst: false, wait: true };
    // Two that can log in, so that nobody knows which one is in use.
    await postgres.admin("ALTER ROLE orders_db_b LOGIN PASSWORD 'by-hand'");
    const report = await acting().declareIncident(options);
    const said = report.lines.map(({ text }) => text).join("\n");
    expect([report.exit, said]).toEqual([
      3,
      expect.stringMatching(/nothing is proven dead: .* never adopted/),
    ]);
    expect(said).not.toMatch(/every version .* is dead/);
  });

  test.each([
    { when: "nothing was adopted yet", runs: 0, revokeFirst: false },
    { when: "the credential is at rest", runs: 1, revokeFirst: false },
    { when: "a rotation is open and its old version still lives", runs: 2, revokeFirst: false },
    { when: "the old version has to die first", runs: 1, revokeFirst: true },
  ])("kills every version from before it when $when", { timeout: 60_000 }, async ({ runs, revokeFirst }) => {
    for (let run = 0; run < runs; run += 1) await acting().runScheduled({});
    const burnt = [{ user: "orders_db_a", password: firstPassword("orders-db") }];
    const held = fleet.receiver.credentials("orders-db").current?.parts;
    if (held !== undefined) burnt.push({ user: held["username"] ?? "", password: held["password"] ?? "" });
    const report = await acting().declareIncident({
      credential: "orders-db",
      reason: "printed in a log",
      revokeFirst,
      wait: true,
    });
    expect({ exit: report.exit, text: report.lines.map(({ text }) => text) }).toMatchObject({ exit: 0 });
    for (const login of burnt) expect(await canLogIn(postgres, { database: "fleet", ...login })).toBe(false);
    expect(await works("orders-db")).toBe(true);
    expect(record("orders-db").rotation?.outcome).toBe("done");
    expect(await acting().runScheduled({})).toMatchObject({ exit: 0 });
    expect(await works("orders-db")).toBe(true);
  });
});

describe("retry", () => {
  test("of an adoption goes by the document as it was corrected, at once", async () => {
    const path = "registry/fleet.yaml";
    const right = git(fleet.remote, "show", `main:${path}`);
    fleet.commit(path, right.replace("orders_db_b]", "orders_db_x]"));
    expect((await acting().runScheduled({})).exit).toBe(3);
    fleet.commit(path, right);
    await acting().request({ verb: "retry", credential: "orders-db", reason: "the role was misspelt" });
    const report = await acting().runScheduled({});
    expect({ exit: report.exit, lines: report.lines }).toMatchObject({ exit: 0 });
    expect(record("orders-db").rotation?.recipe).toBe("adopt");
    expect(record("orders-db").rotation?.outcome).toBe("done");
  });
});

describe("rollback", () => {
  test("is refused once consumers use the new version, with the way that is left", async () => {
    await acting().runScheduled({});
    await acting().runScheduled({});
    await acting().request({ verb: "rollback", credential: "orders-db", reason: "wrong grants" });
    const report = await acting().runScheduled({});
    expect(report.lines.map(({ text }) => text).join("\n")).toContain("cannot be told back");
    expect(await works("orders-db")).toBe(true);
  });

  test("has nothing to do where no rotation is open", async () => {
    await acting().runScheduled({});
    expect(await acting().request({ verb: "rollback", credential: "orders-db", reason: "x" })).toMatchObject({
      exit: 2,
      pushes: 0,
    });
  });
});

describe("a provider that is ahead of the record", () => {
  test("is parked by itself when the state branch was reset to an ancestor, and nothing there is touched", {
    timeout: 60_000,
  }, async () => {
    await acting().runScheduled({});
    const before = git(fleet.remote, "rev-parse", "cre/state").trim();
    await acting().rotateOne({ credential: "orders-db" });
    git(fleet.remote, "update-ref", "refs/heads/cre/state", before);
    const facts =
      "SELECT rolname, rolpassword, rolcanlogin, shobj_description(oid, 'pg_authid') AS comment FROM pg_authid WHERE rolname LIKE 'orders_db%' ORDER BY 1";
    const roles = await postgres.admin(facts);
    const report = await acting().runScheduled({});
    expect(report.exit).toBe(3);
    expect(await postgres.admin(facts)).toEqual(roles);
    expect(await works("orders-db")).toBe(true);
    expect(fleet.receiver.credentials("billing-db").current?.attempt).not.toBeNull();
  });
});

test("an interrupted run pushes what it knows within seconds and ends with 4; the next one goes on", {
  timeout: 60_000,
}, async () => {
  await acting().runScheduled({});
  const cli = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
  const child = spawn(process.execPath, [cli, "run"], {
    cwd: fleet.clone(),
    env: fleet.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((done) => {
    child.on("close", (code) => done(code));
  });
  const deadline = Date.now() + 20_000;
  while (
    !git(fleet.remote, "log", "-1", "--format=%s", "cre/state").includes("about to") &&
    Date.now() < deadline
  ) {
    await new Promise((done) => setTimeout(done, 20));
  }
  const interrupted = Date.now();
  child.kill("SIGINT");
  expect(await ended).toBe(4);
  expect(Date.now() - interrupted).toBeLessThan(8000);
  expect(await works("orders-db")).toBe(true);
  await acting().runScheduled({});
  await acting().runScheduled({});
  for (const name of ["orders-db", "billing-db"]) {
    const rotated = typeof fleet.receiver.credentials(name).current?.attempt === "string";
    expect([name, rotated, await works(name)]).toEqual([name, true, true]);
  }
});
