import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  fenceOn,
  type Orders,
  soon,
  textOf,
} from "../../../testing/services/postgresql-orders.ts";

const SILENCERS = [
  "log_statement",
  "log_min_error_statement",
  "log_min_duration_statement",
  "log_min_duration_sample",
  "log_transaction_sample_rate",
  "track_activities",
  "pg_stat_statements.track_utility",
];

/** Settings under which a careless client leaves the statement somewhere. */
const LEAKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "every statement": { log_statement: "all" },
  "statements that define": { log_statement: "ddl" },
  "every duration": { log_min_duration_statement: "0" },
  "sampled durations": { log_min_duration_sample: "0", log_statement_sample_rate: "1" },
  "sampled transactions": { log_transaction_sample_rate: "1" },
  "failed statements": { log_min_error_statement: "debug5", log_min_messages: "debug1" },
  "parse trees": { debug_print_parse: "on", log_min_messages: "log" },
};

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version, extensions: ["pg_stat_statements"] });
  });
  afterAll(async () => server?.stop());

  // One by one on the package's server, all at once on every server.
  const careless = version === "embedded" ? LEAKS : {};
  test.each(Object.entries({ ...careless, everything: Object.assign({}, ...Object.values(LEAKS)) }))(
    "a server that logs %s never sees the password, and keeps no verifier where we may silence it",
    async (_, settings) => {
      await configure(server, settings);
      const orders = await createOrders(server, { admin: "superuser" });
      const secrets = await rotate(orders);
      const seen = await everywhere(server);
      expect(traces(seen, [secrets.password, secrets.verifier])).toEqual([]);
    },
  );

  test("an admin without the right to silence the server still never shows it the password", async () => {
    await configure(server, { log_statement: "all", log_min_duration_statement: "0" });
    const orders = await createOrders(server, { admin: "createrole" });
    const secrets = await rotate(orders);
    const seen = await everywhere(server);
    expect(traces(seen, [secrets.password])).toEqual([]);
    // The control: this server would have shown it.
    expect(traces(seen, [secrets.verifier])).not.toEqual([]);
  });

  test("GRANT SET ON PARAMETER is enough to keep the verifier out", async ({ skip }) => {
    const [found] = await server.admin("SHOW server_version_num");
    if (Number(found?.["server_version_num"]) < 150_000) skip("only superusers may change these settings");
    await configure(server, {
      log_statement: "all",
      log_min_duration_statement: "0",
      log_transaction_sample_rate: "1",
    });
    const orders = await createOrders(server, { admin: "createrole" });
    await server.admin(`GRANT SET ON PARAMETER ${SILENCERS.join(", ")} TO ${orders.admin}`);
    const secrets = await rotate(orders);
    expect(traces(await everywhere(server), [secrets.password, secrets.verifier])).toEqual([]);
  });

  test("a refused change tells neither the log nor the error about the verifier", async () => {
    await configure(server, { log_statement: "all", log_min_error_statement: "debug5" });
    const orders = await createOrders(server);
    await orders.adopt();
    await server.admin("SELECT pg_stat_statements_reset()");
    const start = server.logText().length;
    // Somebody else changes the role just then, so the server refuses the statement that has the verifier in it.
    const holder = await orders.signIn(server.superuser, server.password, "holder");
    await holder.query("BEGIN");
    await holder.query(`ALTER ROLE ${orders.roles[1]} CONNECTION LIMIT 7`);
    const issuing = orders.issue("attempt-1").catch((error: unknown) => error);
    await expect
      .poll(async () =>
        server.admin("SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"),
      )
      .toHaveLength(1);
    // The statement with the verifier runs right now, and the view of the present does not show it.
    const shown =
      "SELECT query FROM pg_stat_activity WHERE query LIKE '%SCRAM-SHA-256$%' AND pid <> pg_backend_pid()";
    expect(await server.admin(shown)).toEqual([]);
    await holder.query("COMMIT");
    await holder.end();
    expect(await issuing).toMatchObject({ outcome: "refused", code: "statement-refused", retryable: true });
    const error = await issuing;
    const text = JSON.stringify(error, Object.getOwnPropertyNames(error));
    expect(text).toContain("concurrently updated");
    const logged = server.logText().slice(start);
    expect([text, logged].map((place) => /SCRAM-SHA-256\$\d/.test(place))).toEqual([false, false]);
    expect(
      await server.admin(
        "SELECT query FROM pg_stat_statements WHERE query LIKE '%PASSWORD ''SCRAM-SHA-256$%'",
      ),
    ).toEqual([]);
    await orders.issue("attempt-2");
  });

  test.runIf(version === "embedded")("the verifier has the server's own count of iterations", async () => {
    await configure(server, { scram_iterations: "8192" });
    const orders = await createOrders(server);
    await orders.adopt();
    const issued = await orders.issue("attempt-1");
    expect((await orders.stored(issued.slot)).password).toMatch(/^SCRAM-SHA-256\$8192:/);
    await orders.rotator.verify(issued, soon());
  });
});

async function configure(server: TestPostgres, settings: Readonly<Record<string, string>>): Promise<void> {
  await server.admin("ALTER SYSTEM RESET ALL");
  for (const [name, value] of Object.entries(settings)) {
    await server.admin(`ALTER SYSTEM SET ${name} = '${value}'`);
  }
  await server.admin("SELECT pg_reload_conf()");
  const [[name, value] = ["", ""]] = Object.entries(settings);
  await expect.poll(async () => (await server.admin(`SHOW ${name}`))[0]?.[name]).toBe(value);
}

/** A whole rotation, with every kind of effect. */
async function rotate(orders: Orders): Promise<{ password: string; verifier: string }> {
  const { rotator } = orders;
  await rotator.preflight(soon());
  await orders.adopt();
  const issued = await orders.issue("attempt-1", 2);
  await rotator.verify(issued, soon());
  const old = await orders.versionOf(orders.roles[0] ?? "");
  await rotator.deactivate?.(old, fenceOn(old, 3), soon());
  await rotator.revoke(old, fenceOn(old, 3), soon());
  await rotator.contain?.(old, issued.createdAt, soon());
  const verifier = (await orders.stored(issued.slot)).password ?? "";
  expect(verifier).toMatch(/^SCRAM-SHA-256\$/);
  return { password: textOf(issued.parts, "password"), verifier };
}

/** Everything that the server keeps of statements. */
async function everywhere(server: TestPostgres): Promise<string[]> {
  const statements = await server.admin("SELECT string_agg(query, E'\\n') AS text FROM pg_stat_statements");
  const activity = await server.admin("SELECT string_agg(query, E'\\n') AS text FROM pg_stat_activity");
  return [server.logText(), String(statements[0]?.["text"]), String(activity[0]?.["text"])];
}

/** The forms of secrets that are found, by the place's number. */
function traces(places: readonly string[], secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) =>
    formsOf(secret).flatMap((form) =>
      places.flatMap((text, at) => (text.includes(form) ? [`place ${at}: ${form}`] : [])),
    ),
  );
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const windows = Array.from({ length: Math.max(0, secret.length - 11) }, (_, at) =>
    secret.slice(at, at + 12),
  );
  const keys = secret.includes("$") ? secret.split(/[$:]/).filter((part) => part.length > 20) : windows;
  return [
    secret,
    ...keys,
    bytes.toString("base64").replaceAll("=", ""),
    bytes.toString("hex"),
    encodeURIComponent(secret),
    createHash("sha256").update(secret).digest("hex"),
    createHash("md5").update(secret).digest("hex"),
  ];
}
