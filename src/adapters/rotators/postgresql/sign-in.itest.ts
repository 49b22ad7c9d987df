import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PostgresqlConnection } from "../../../core/documents/connection.ts";
import { Secret } from "../../../core/model/secret.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import { createOrders, type Orders, soon } from "../../../testing/services/postgresql-orders.ts";

const authority = createAuthority();
const stranger = createAuthority("a stranger");

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  let expired: TestPostgres;
  beforeAll(async () => {
    const hba = [
      "host all clear_text all password",
      "host all hashed all md5",
      "host all nobody_asks all trust",
      "host all rejected all reject",
      "hostssl all only_tls all scram-sha-256",
      "host all only_tls all reject",
    ];
    server = await startPostgres({
      version,
      hba,
      tls: authority.issue(["localhost", "127.0.0.1", "db.internal"]),
    });
    expired = await startPostgres({
      version,
      tls: authority.issue(["127.0.0.1"], { notAfter: new Date(Date.now() - 3_600_000) }),
    });
  });
  afterAll(async () => {
    await server?.stop();
    await expired?.stop();
  });

  async function withTls(tls: PostgresqlConnection["tls"], host = "127.0.0.1", on = server): Promise<Orders> {
    const files = { "ca.pem": authority.ca, "stranger.pem": stranger.ca };
    return createOrders(on, { files, connection: { host, ...(tls === undefined ? {} : { tls }) } });
  }

  test.each([
    ["an address of the certificate", "127.0.0.1", { ca: "ca.pem" }],
    ["a name of the certificate", "localhost", { ca: "ca.pem" }],
    ["another name that the connection gives", "127.0.0.1", { ca: "ca.pem", serverName: "db.internal" }],
  ])("TLS is verified by %s", async (_, host, tls) => {
    const orders = await withTls(tls, host);
    await orders.rotator.preflight(soon());
    await orders.adopt();
    const issued = await orders.issue("attempt-1");
    await orders.rotator.verify(issued, soon());
    expect(issued.parts.get("host")?.reveal()).toBe(host);
  });

  test.each([
    ["an unknown authority", { ca: "stranger.pem" }, "127.0.0.1"],
    ["no authority named at all", {}, "127.0.0.1"],
    ["a name that the certificate has not", { ca: "ca.pem", serverName: "other.internal" }, "127.0.0.1"],
  ])("%s: refused, whatever the environment says", async (_, tls, host) => {
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const orders = await withTls(tls, host);
      await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({ code: "tls-untrusted" });
      await expect(orders.rotator.observe(soon())).rejects.toMatchObject({ code: "tls-untrusted" });
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
  });

  test("an expired certificate is refused", async () => {
    const orders = await withTls({ ca: "ca.pem" }, "127.0.0.1", expired);
    await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({ code: "tls-untrusted" });
  });

  test("a wrong admin password is told with its fix and without the password", async () => {
    const orders = await createOrders(server);
    const wrong = await orders.bind({
      admin: { user: orders.roles[0] ?? "", password: { env: "PG_ADMIN" } },
    });
    const error: unknown = await wrong.preflight(soon()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "login-refused", fix: expect.stringContaining("secret") });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(server.password);
    await expect(
      wrong.revoke(
        { handle: "x", slot: "x", live: true, reactivatable: false },
        { expected: undefined, next: { rotation: "r", attempt: "a", epoch: 1 } },
        soon(),
      ),
    ).rejects.toMatchObject({ code: "login-refused", outcome: "refused" });
  });

  test.each([
    ["clear_text", "scram-only"],
    ["nobody_asks", "scram-only"],
    ["rejected", "login-refused"],
  ])("a server that treats the admin as %s is refused: %s", async (user, code) => {
    const orders = await createOrders(server);
    await server.admin(
      `DROP ROLE IF EXISTS ${user}; CREATE ROLE ${user} LOGIN SUPERUSER PASSWORD '${server.password}'`,
    );
    const refused = await orders.bind({ admin: { user, password: { env: "PG_ADMIN" } } });
    await expect(refused.observe(soon())).rejects.toMatchObject({ code });
    await server.admin(`DROP ROLE ${user}`);
  });

  test("MD5 is refused", async () => {
    await server.admin(
      "SET password_encryption = md5; DROP ROLE IF EXISTS hashed; CREATE ROLE hashed LOGIN PASSWORD 'x'",
    );
    const orders = await createOrders(server);
    const refused = await orders.bind({ admin: { user: "hashed", password: { env: "PG_ADMIN" } } });
    await expect(refused.observe(soon())).rejects.toMatchObject({ code: "scram-only" });
  });

  test("no plain connection is tried where the server would refuse TLS only", async () => {
    await server.admin(
      `DROP ROLE IF EXISTS only_tls; CREATE ROLE only_tls LOGIN SUPERUSER PASSWORD '${server.password}'`,
    );
    const orders = await createOrders(server, { files: { "ca.pem": authority.ca } });
    const admin = { user: "only_tls", password: { env: "PG_ADMIN" } };
    await (await orders.bind({ admin, tls: { ca: "ca.pem" } })).observe(soon());
    await expect((await orders.bind({ admin })).observe(soon())).rejects.toMatchObject({
      code: "login-refused",
    });
  });
});

describe("without TLS at the server", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => server?.stop());

  test("the default is TLS, and its lack is told with the fix", async () => {
    const orders = await createOrders(server, { connection: { tls: {} } });
    await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({
      code: "tls-refused",
      fix: expect.stringContaining("ssl = on"),
    });
  });

  test("nothing listens there", async () => {
    const orders = await createOrders(server);
    const gone = await orders.bind({ port: 1 });
    await expect(gone.preflight(soon())).rejects.toMatchObject({
      code: "unreachable",
      fix: expect.stringContaining("firewall"),
    });
    const fence = { expected: undefined, next: { rotation: "r", attempt: "a", epoch: 1 } };
    const version = { handle: "x", slot: "x", live: true, reactivatable: false };
    await expect(gone.revoke(version, fence, soon())).rejects.toMatchObject({
      code: "unreachable",
      outcome: "refused",
    });
  });

  test.each([
    ["the password in clear", [0x52, 0, 0, 0, 8, 0, 0, 0, 3]],
    ["an MD5 hash", [0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]],
    ["nothing, and lets everybody in", [0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]],
  ])("a server that asks for %s is told nothing", async (_, answer) => {
    const heard: Buffer[] = [];
    const ended: Promise<void>[] = [];
    const fake = createServer((socket) => {
      ended.push(new Promise((resolve) => void socket.once("close", () => resolve())));
      socket.once("data", () => {
        socket.on("data", (chunk) => heard.push(chunk));
        socket.write(Buffer.from(answer));
      });
      socket.on("error", () => undefined);
    });
    const port = await new Promise<number>((resolve) => {
      fake.listen(0, "127.0.0.1", () => {
        const address = fake.address();
        resolve(address !== null && typeof address === "object" ? address.port : 0);
      });
    });
    const orders = await createOrders(server);
    const misled = await orders.bind({ port });
    await expect(misled.observe(soon())).rejects.toMatchObject({ code: "scram-only" });
    await Promise.all(ended);
    expect(Buffer.concat(heard).toString("latin1")).toBe("");
    fake.close();
  });

  test("every path of the consumers is knocked at before, and signed in at after the change", async () => {
    const silent = createServer((socket) => void socket.on("data", () => socket.end("E")));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const path = (to: number) => ({
      postgresql: { host: "127.0.0.1", port: to, tls: { mode: "disable" as const } },
      allow: {},
    });
    const good = await createOrders(server, {
      verifyAt: ["pooler"],
      connections: { pooler: path(server.port) },
    });
    await good.rotator.preflight(soon());
    await good.adopt();
    const issued = await good.issue("attempt-1");
    await good.rotator.verify(issued, soon());
    expect(issued.parts.get("port")?.reveal()).toBe(String(server.port));

    const bad = await createOrders(server, {
      verifyAt: ["pooler", "other"],
      connections: { pooler: path(server.port), other: path(port) },
    });
    await expect(bad.rotator.preflight(soon())).rejects.toBeInstanceOf(Error);
    silent.close();
  });

  test("a path that leads to another server does not verify", async () => {
    const other = await startPostgres();
    try {
      const path = {
        postgresql: { host: other.host, port: other.port, tls: { mode: "disable" as const } },
        allow: {},
      };
      const orders = await createOrders(server, { verifyAt: ["pooler"], connections: { pooler: path } });
      await orders.adopt();
      const issued = await orders.issue("attempt-1");
      await expect(orders.rotator.verify(issued, soon())).rejects.toMatchObject({ code: "verify-refused" });
      const forged = { ...issued, parts: new Map(issued.parts).set("password", new Secret("wrong")) };
      await expect(orders.rotator.verify(forged, soon())).rejects.toMatchObject({ code: "verify-refused" });
    } finally {
      await other.stop();
    }
  });

  test("TLS may be off on loopback and sockets only", async () => {
    await expect(
      createOrders(server, { connection: { host: "db.internal", tls: { mode: "disable" } } }),
    ).rejects.toMatchObject({ code: "tls-required" });
    await expect(
      createOrders(server, { connection: { host: "/run/postgresql", tls: { mode: "verify-full" } } }),
    ).rejects.toMatchObject({ code: "tls-on-socket" });
  });
});
