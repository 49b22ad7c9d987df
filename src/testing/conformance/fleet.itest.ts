import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import { git } from "./estate.ts";
import { type Fleet, firstPassword, HOOK_KEY, launchFleet, ship } from "./fleet.ts";
import { canLogIn } from "./proofs.ts";

let postgres: TestPostgres;
let fleet: Fleet | undefined;
beforeEach(async () => {
  postgres = await startPostgres({ settings: { max_connections: "300" } });
});
afterEach(async () => {
  await fleet?.dispose();
  fleet = undefined;
  await postgres.stop();
});

function subjects({ remote }: Fleet): string[] {
  return git(remote, "log", "--format=%s", "cre/state").trim().split("\n");
}

test("sixteen runners at once on one remote make exactly one rotation", { timeout: 240_000 }, async () => {
  fleet = await launchFleet(postgres, { ships: [ship("orders-db")] });
  await fleet.runOnce();
  const { runToKill: script, env: sooner } = inject("builtRunners");
  const env = { ...fleet.env, ...sooner };
  const instant = `${new Date().toISOString().slice(0, 19)}Z`;
  const clones = Array.from({ length: 16 }, () => fleet?.clone() ?? "");
  const codes = await Promise.all(
    clones.map(async (clone) => {
      const child = spawn(process.execPath, [script, clone, instant, "0"], { env, stdio: "ignore" });
      const [code] = await once(child, "exit");
      return Number(code);
    }),
  );
  expect(codes).toEqual(codes.map(() => 0));
  expect(
    subjects(fleet).filter(
      (subject) => subject === "rotate orders-db: about to issue" || subject.includes("started"),
    ),
  ).toHaveLength(1);
  const audit = git(fleet.remote, "grep", "-h", '"event":"rotation.opened"', "cre/state", "--", "audit");
  expect(
    audit
      .trim()
      .split("\n")
      .filter((line) => line.includes('"recipe":"alternate"')),
  ).toHaveLength(1);
  expect(
    git(fleet.remote, "grep", "-h", '"step":"issue"', "cre/state", "--", "audit").match(
      /"outcome":"applied"/g,
    ),
  ).toHaveLength(1);
});

test("a run that advances 150 rotations pushes about as often as one that advances a single one", {
  timeout: 300_000,
}, async () => {
  const many = Array.from({ length: 150 }, (_, index) => ship(`service-${index}-db`));
  fleet = await launchFleet(postgres, { ships: many });
  const adopted = await fleet.runOnce();
  expect(adopted.exit).toBe(0);
  const rotated = await fleet.runOnce();
  expect(rotated.exit).toBe(0);
  const { receiver } = fleet;
  expect(many.filter(({ name }) => typeof receiver.credentials(name).current?.attempt !== "string")).toEqual(
    [],
  );
  expect({ adopting: adopted.pushes, rotating: rotated.pushes }).toEqual({ adopting: 2, rotating: 4 });
});

describe("one credential in trouble never stops the others", () => {
  test("whatever the trouble is: it is told, nothing is lost, and the run ends with 3", {
    timeout: 240_000,
  }, async () => {
    const broken = createServer((_, response) => {
      response.writeHead(500).end("sorry");
    });
    const silent = createServer(() => undefined);
    for (const server of [broken, silent]) server.listen(0, "127.0.0.1");
    await Promise.all([broken, silent].map((server) => once(server, "listening")));
    // `as`: servers that listen on TCP have an AddressInfo.
    const [brokenPort, silentPort] = [broken, silent].map((server) => (server.address() as AddressInfo).port);
    const { host, port, superuser } = postgres;
    const cluster = (name: string, at: number, secret: string): string => `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name} }
spec:
  postgresql: { host: ${host}, port: ${at}, tls: { mode: disable }, admin: { user: ${superuser}, password: { env: ${secret} } } }
  allow: { objects: ["*"] }
`;
    const hook = (name: string, at: number | undefined): string => `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name} }
spec:
  webhook: { url: "http://127.0.0.1:${at}/", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: {}
`;
    const ships = [
      ship("healthy-db"),
      ship("wrong-password-db", { cluster: "wrong-password" }),
      ship("no-secret-db", { cluster: "no-secret" }),
      ship("unreachable-db", { cluster: "unreachable" }),
      ship("no-role-db", { present: false }),
      ship("broken-consumer-db", { hook: "broken" }),
      ship("silent-consumer-db", { hook: "silent" }),
    ];
    fleet = await launchFleet(postgres, {
      ships,
      extraEnv: { WRONG: "not-the-password" },
      connections: () =>
        [
          cluster("wrong-password", port, "WRONG"),
          cluster("no-secret", port, "NOT_SET"),
          cluster("unreachable", 9, "PG_ADMIN"),
          hook("broken", brokenPort),
          hook("silent", silentPort),
        ].join("---\n"),
    });
    try {
      const quick = { timeLimit: () => AbortSignal.timeout(4000) };
      const first = await fleet.runOnce((ports) => ({ ...ports, ...quick }));
      const second = await fleet.runOnce((ports) => ({ ...ports, ...quick }));
      expect([first.exit, second.exit]).toEqual([3, 3]);
      expect(typeof fleet.receiver.credentials("healthy-db").current?.attempt).toBe("string");
      const told = new Map(
        first.lines
          .filter(({ level }) => level === "error")
          .map(({ credential, text }) => [credential, text]),
      );
      expect(new Set(told.keys())).toEqual(
        new Set(ships.map(({ name }) => name).filter((name) => name !== "healthy-db")),
      );
      expect(told.get("wrong-password-db")).toMatch(/password/i);
      expect(told.get("no-secret-db")).toContain("NOT_SET");
      expect(told.get("no-role-db")).toContain("CREATE ROLE");
      expect(told.get("broken-consumer-db")).toContain("500");
      for (const { name, roles, present } of ships.filter(
        ({ present: there, name }) => there && name !== "healthy-db",
      )) {
        const login = { database: "fleet", user: roles[0], password: firstPassword(name) };
        expect([name, present && (await canLogIn(postgres, login))]).toEqual([name, true]);
      }
      const said = [...first.lines, ...second.lines].map(({ text }) => text).join("\n");
      for (const secret of ["not-the-password", HOOK_KEY, postgres.password]) {
        expect(said).not.toContain(secret);
      }
    } finally {
      for (const server of [broken, silent]) {
        server.closeAllConnections();
        server.close();
      }
    }
  });

  test("a remote that refuses the push stops the run before any effect", { timeout: 120_000 }, async () => {
    fleet = await launchFleet(postgres, { ships: [ship("orders-db")] });
    await fleet.runOnce();
    const { writeFileSync, chmodSync } = await import("node:fs");
    const refusing = `${fleet.remote}/hooks/pre-receive`;
    writeFileSync(refusing, "#!/bin/sh\necho 'the branch is protected' >&2\nexit 1\n");
    chmodSync(refusing, 0o755);
    await expect(fleet.runOnce()).rejects.toThrow(/protected|refuse/i);
    expect(
      await canLogIn(postgres, {
        database: "fleet",
        user: "orders_db_a",
        password: firstPassword("orders-db"),
      }),
    ).toBe(true);
    expect(fleet.receiver.credentials("orders-db").pending).toBeNull();
    expect(await postgres.admin("SELECT rolcanlogin FROM pg_authid WHERE rolname = 'orders_db_b'")).toEqual([
      { rolcanlogin: false },
    ]);
  });

  test("an invalid document lets nothing start, while what is open and valid goes on", {
    timeout: 120_000,
  }, async () => {
    fleet = await launchFleet(postgres, { ships: [ship("orders-db"), ship("billing-db")] });
    await fleet.runOnce();
    fleet.commit("exceptions/bad.yaml", "kind: Exception\n  broken: [\n");
    const report = await fleet.runOnce();
    expect(report.exit).toBe(2);
    expect(report.problems.map(({ file }) => file)).toContain("exceptions/bad.yaml");
    expect(fleet.receiver.credentials("orders-db").current?.attempt).toBeNull();
  });
});
