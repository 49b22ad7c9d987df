import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  fenceOn,
  type Orders,
  soon,
  textOf,
} from "../../../testing/services/postgresql-orders.ts";
import { tracesOf } from "../../../testing/services/secret-traces.ts";

/** Settings under which a careless client leaves the statement somewhere; the matrix has each of them alone. */
const EVERYTHING: Readonly<Record<string, string>> = {
  log_statement: "all",
  log_min_duration_statement: "0",
  log_min_duration_sample: "0",
  log_statement_sample_rate: "1",
  log_transaction_sample_rate: "1",
  log_min_error_statement: "debug5",
  log_min_messages: "debug1",
  debug_print_parse: "on",
};

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version, extensions: ["pg_stat_statements"] });
  });
  afterAll(async () => server?.stop());

  test("a server that logs everything keeps neither password nor verifier of a whole rotation", async () => {
    await configure(server, EVERYTHING);
    const orders = await createOrders(server, { admin: "superuser" });
    const { password, verifier } = await rotate(orders);
    const seen = (await everywhere(server)).join("\n");
    expect([...tracesOf(password, seen), ...tracesOf(verifier, seen)]).toEqual([]);
    // The control: what comes before the silence is there.
    expect(seen.includes("SET LOCAL log_statement = 'none'")).toBe(true);
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
  // The log is behind the server by the length of a pipe.
  const mark = `read up to ${randomUUID()}`;
  await server.admin(`DO $$ BEGIN RAISE LOG '${mark}'; END $$`);
  await expect.poll(() => server.logText()).toContain(`LOG:  ${mark}`);
  const statements = await server.admin("SELECT string_agg(query, E'\\n') AS text FROM pg_stat_statements");
  const activity = await server.admin("SELECT string_agg(query, E'\\n') AS text FROM pg_stat_activity");
  return [server.logText(), String(statements[0]?.["text"]), String(activity[0]?.["text"])];
}
