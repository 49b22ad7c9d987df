import { expect, test } from "vitest";
import type { ConnectionSpec } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { PostgresqlProvider } from "../../../core/documents/provider.ts";
import { parseInstant } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { BoundRotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { doorOf, placeOf } from "../../clients/postgresql/door.ts";
import { postgresqlRotator } from "./rotator.ts";

function credential(provider: Partial<PostgresqlProvider> = {}): CredentialSpec {
  return {
    type: "database-password",
    service: "orders-api",
    owner: { team: "payments", contact: "payments@example.com" },
    createdAt: "2026-01-15",
    method: "automated",
    provider: {
      postgresql: {
        connection: "orders-cluster",
        database: "orders",
        roles: ["orders_a", "orders_b"],
        ...provider,
      },
    },
  };
}

function connection(postgresql: Partial<NonNullable<ConnectionSpec["postgresql"]>> = {}): ConnectionSpec {
  const admin = { user: "rotator", password: { env: "PG_ADMIN" } };
  return { postgresql: { host: "DB.internal", admin, ...postgresql }, allow: { objects: ["orders_*"] } };
}

function ports(spec: ConnectionSpec): RotatorPorts {
  const now = parseInstant("2026-11-23");
  if (now === undefined) throw new Error("no instant");
  return {
    clock: { now: () => now },
    commands: {},
    scanEndpoint: async () => [],
    progress: { warn: () => undefined },
    random: { bytes: (length) => new Uint8Array(length), uuid: () => "" },
    secrets: { read: async () => new Secret("x"), present: () => true },
    connection: () => spec,
    readFile: () => "",
    pause: async () => undefined,
  };
}

const soon = (): AbortSignal => AbortSignal.timeout(20_000);

test("two roles alternate, one is changed in place, and only then are there these methods", async () => {
  expect(postgresqlRotator.recipe(credential())).toBe("alternate");
  expect(postgresqlRotator.recipe(credential({ roles: ["orders_a"] }))).toBe("in-place");
  const two = await postgresqlRotator.bind("orders-db", credential(), ports(connection()), soon());
  const one = await postgresqlRotator.bind(
    "orders-db",
    credential({ roles: ["orders_a"] }),
    ports(connection()),
    soon(),
  );
  const own = (bound: BoundRotator): string[] =>
    ["issue", "generate", "apply"].filter((name) => name in bound);
  expect(own(two)).toEqual(["issue"]);
  expect(own(one)).toEqual(["generate", "apply"]);
});

test("the identity is the place and the roles, in whatever order and letter case they are written", () => {
  const of = (spec: CredentialSpec, where = connection()): string =>
    postgresqlRotator.identity(spec, () => where);
  const identity = of(credential());
  expect(identity).toBe("postgresql/db.internal:5432/orders_a+orders_b");
  expect(of(credential({ roles: ["orders_b", "orders_a"], database: "other" }))).toBe(identity);
  expect(of(credential(), connection({ port: 5433 }))).not.toBe(identity);
  expect(of(credential({ roles: ["orders_a", "orders_c"] }))).not.toBe(identity);
});

test("objects and connections are all that the document names", () => {
  const spec = credential({ ownerRole: "orders_owner", verifyAt: ["orders-pooler"] });
  expect(postgresqlRotator.objects(spec)).toEqual(["orders_a", "orders_b", "orders_owner"]);
  expect(postgresqlRotator.connections(spec)).toEqual(["orders-cluster", "orders-pooler"]);
});

test("a connection without an admin login cannot be acted on, and one of another kind not at all", async () => {
  const path: ConnectionSpec = { postgresql: { host: "db.internal" }, allow: {} };
  await expect(postgresqlRotator.bind("orders-db", credential(), ports(path), soon())).rejects.toMatchObject({
    code: "admin-missing",
  });
  await expect(
    postgresqlRotator.bind("orders-db", credential(), ports({ allow: {} }), soon()),
  ).rejects.toMatchObject({
    code: "connection-kind",
  });
});

function openWithoutTls(host: string): unknown {
  return doorOf("orders-cluster", connection({ host, tls: { mode: "disable" } }), ports(connection()));
}

test.each(["localhost", "127.0.0.1", "127.8.9.1", "::1", "/run/postgresql"])(
  "TLS may be off for %s",
  (host) => {
    expect(openWithoutTls(host)).toMatchObject({ tls: undefined });
  },
);

test.each(["127.0.0.1.example.com", "10.0.0.1", "::ffff:10.0.0.1", "localhost.example.com", "db.internal"])(
  "TLS may not be off for %s",
  (host) => {
    expect(() => openWithoutTls(host)).toThrow("switches TLS off");
  },
);

test("without a word about TLS it is verified by the host's name", () => {
  const door = doorOf("orders-cluster", connection({ host: "db.internal" }), ports(connection()));
  expect(door.tls).toEqual({ ca: undefined, serverName: "db.internal" });
  expect(placeOf({ host: "2001:DB8::1", port: 5432 })).toBe("[2001:db8::1]:5432");
});
