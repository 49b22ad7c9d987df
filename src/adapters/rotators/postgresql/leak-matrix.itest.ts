import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { markdownRow } from "../../../testing/proof/markdown-row.ts";
import { writeProofTable } from "../../../testing/proof/proof-table.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  fenceOn,
  markOf,
  type Orders,
  soon,
  textOf,
} from "../../../testing/services/postgresql-orders.ts";
import { tracesOf } from "../../../testing/services/secret-traces.ts";

/** What happens to the role of the effect while the statement with the verifier waits for it. */
type Trouble = "none" | "refused" | "waits" | "watched" | "crashes";

interface Path {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly trouble?: Trouble;
  /** What a client leaves there that sends the password and silences nothing: proof that the path is open. */
  readonly careless: Found;
  /** What an admin without the right to silence the server leaves there. */
  readonly unsilenced: Found;
}

type Found = "nothing" | "verifier" | "PASSWORD";

/** Where a statement can end up. Each path is open alone, so that what is found came by it. */
const PATHS: readonly Path[] = [
  { name: "default settings, nothing fails", careless: "nothing", unsilenced: "nothing" },
  {
    name: "`log_statement = ddl`",
    settings: { log_statement: "ddl" },
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "`log_statement = all`",
    settings: { log_statement: "all" },
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "`log_min_duration_statement = 0`",
    settings: { log_min_duration_statement: "0" },
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "`log_min_duration_sample = 0`",
    settings: { log_min_duration_sample: "0", log_statement_sample_rate: "1" },
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "`log_transaction_sample_rate = 1`",
    settings: { log_transaction_sample_rate: "1" },
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "the statement fails, default settings",
    trouble: "refused",
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "the statement waits, `log_lock_waits = on`",
    settings: { log_lock_waits: "on", deadlock_timeout: "20ms" },
    trouble: "waits",
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "the server process dies in it, default settings",
    trouble: "crashes",
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "`log_statement_stats = on`",
    settings: { log_statement_stats: "on" },
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "`debug_print_parse`, `_rewritten`, `_plan`",
    settings: { debug_print_parse: "on", debug_print_rewritten: "on", debug_print_plan: "on" },
    careless: "PASSWORD",
    unsilenced: "nothing",
  },
  {
    name: "`auto_explain.log_min_duration = 0`",
    settings: { "auto_explain.log_min_duration": "0", "auto_explain.log_nested_statements": "on" },
    careless: "nothing",
    unsilenced: "nothing",
  },
  {
    name: "`pg_stat_statements.track_utility = on`",
    settings: { "pg_stat_statements.track_utility": "on" },
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
  {
    name: "`pg_stat_activity`, watched by another superuser",
    trouble: "watched",
    careless: "PASSWORD",
    unsilenced: "verifier",
  },
];

const RIGHTS = ["superuser", "CREATEROLE with SET on the settings", "CREATEROLE alone"] as const;
const EFFECTS = ["issue", "apply"] as const;
const CELLS = RIGHTS.flatMap((rights) => EFFECTS.map((effect) => ({ rights, effect })));

const rows = new Map<string, Record<string, Set<Found>>>();

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  let number = "";
  let limits = 0;
  beforeAll(async () => {
    server = await startPostgres({
      version,
      extensions: ["pg_stat_statements"],
      settings: { shared_preload_libraries: "pg_stat_statements,auto_explain" },
    });
    const [shown] = await server.admin("SHOW server_version");
    number = String(shown?.["server_version"]).split(/[. ]/)[0] ?? "";
  });
  afterAll(async () => server?.stop());

  /** One path open for the sessions of the database, the others shut; what was there before is out of sight. */
  async function open({ database }: Orders, { settings = {} }: Path): Promise<() => Promise<string>> {
    const shut = { "pg_stat_statements.track_utility": "off" };
    const sets = Object.entries({ ...shut, ...settings }).map(
      ([name, value]) => `ALTER DATABASE ${database} SET ${name} = '${value}'`,
    );
    await server.admin(
      [`ALTER DATABASE ${database} RESET ALL`, ...sets, "SELECT pg_stat_statements_reset()"].join("; "),
    );
    const start = server.logText().length;
    return async () => {
      // The log is behind the server by the length of a pipe.
      const mark = `read up to ${randomBytes(6).toString("hex")}`;
      const [kept] = await server.admin(
        `DO $$ BEGIN RAISE LOG '${mark}'; END $$; SELECT string_agg(query, E'\\n') AS text FROM pg_stat_statements`,
      );
      await logged(start, `LOG:  ${mark}`);
      return `${server.logText().slice(start)}\n${String(kept?.["text"])}`;
    };
  }

  /** Lets the statement run into the trouble of the path, and gives what others saw of it meanwhile. */
  async function inTrouble(
    orders: Orders,
    role: string,
    { trouble = "none" }: Path,
    statement: () => Promise<unknown>,
  ): Promise<string> {
    if (trouble === "none") {
      await statement();
      return "";
    }
    const holder = await orders.signIn(server.superuser, server.password, "holder");
    const start = server.logText().length;
    try {
      limits += 1;
      await holder.query(`BEGIN; ALTER ROLE ${role} CONNECTION LIMIT ${limits}`);
      const running = statement().catch((error: unknown) => error);
      const pid = await waitingProcess();
      let seen = "";
      switch (trouble) {
        case "waits":
          await logged(start, "still waiting for");
          break;
        case "watched":
          seen = await activity();
          break;
        case "crashes":
          process.kill(pid, "SIGKILL");
          await running;
          await logged(start, "was terminated by");
          await vi.waitUntil(async () => server.admin("SELECT 1").catch(() => undefined), {
            timeout: 20_000,
          });
          break;
        case "refused":
          await holder.query("COMMIT");
          break;
      }
      await holder.query("ROLLBACK").catch(() => undefined);
      const failure = await running;
      expect(failure instanceof Error).toBe(trouble === "refused" || trouble === "crashes");
      return seen;
    } finally {
      await holder.end().catch(() => undefined);
    }
  }

  async function logged(start: number, text: string): Promise<void> {
    await vi.waitUntil(() => server.logText().slice(start).includes(text), { timeout: 10_000, interval: 5 });
  }

  async function waitingProcess(): Promise<number> {
    const waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
    const [first] = await vi.waitUntil(
      async () => {
        const found = await server.admin(waiting);
        return found.length === 1 ? found : undefined;
      },
      { timeout: 10_000, interval: 10 },
    );
    return Number(first?.["pid"]);
  }

  async function activity(): Promise<string> {
    const [shown] = await server.admin(
      "SELECT string_agg(query, E'\\n') AS text FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
    );
    return String(shown?.["text"]);
  }

  function found(text: string, password: string, verifier: string): Found {
    if (tracesOf(password, text).length > 0) return "PASSWORD";
    return tracesOf(verifier, text).length > 0 ? "verifier" : "nothing";
  }

  function note(path: Path, column: string, what: Found): void {
    const row = rows.get(`${path.name} | ${number}`) ?? {};
    row[column] = (row[column] ?? new Set()).add(what);
    rows.set(`${path.name} | ${number}`, row);
  }

  test("a client that sends the password leaves it by every path that is one", async () => {
    const orders = await createOrders(server);
    const [role = ""] = orders.roles;
    for (const path of PATHS) {
      const read = await open(orders, path);
      const client = await orders.signIn(server.superuser, server.password, "careless");
      const password = randomBytes(24).toString("base64url");
      const seen = await inTrouble(orders, role, path, async () =>
        client.query(`ALTER ROLE ${role} PASSWORD '${password}'`),
      );
      const what = found(`${seen}\n${await read()}`, password, "no verifier");
      note(path, "careless", what);
      expect({ path: path.name, what }).toEqual({ path: path.name, what: path.careless });
      await client.end().catch(() => undefined);
    }
  });

  test.each(CELLS)(
    "$rights, $effect: exactly what the table says, and never the password",
    async ({ rights, effect }) => {
      const orders = await createOrders(server, {
        admin: rights === "superuser" ? "superuser" : "createrole",
        ...(effect === "apply" ? { roles: 1 as const, ownerRole: false } : {}),
      });
      await orders.rotator.preflight(soon());
      if (rights === "CREATEROLE with SET on the settings") {
        // The owner does what the warning says.
        const statement = /GRANT SET ON PARAMETER .*;/.exec(orders.warnings.join("\n"))?.[0] ?? "";
        await server.admin(statement);
      }
      const warned = orders.warnings.length;
      await orders.rotator.preflight(soon());
      expect(orders.warnings.length - warned).toBe(rights === "CREATEROLE alone" ? 1 : 0);
      await orders.adopt();
      const role = orders.roles.at(-1) ?? "";
      let epoch = 1;
      for (const path of PATHS) {
        epoch += 1;
        const read = await open(orders, path);
        const put = await prepare(orders, role, effect, epoch);
        const seen = await inTrouble(orders, role, path, put.act);
        const text = `${seen}\n${await read()}`;
        // What was refused is made again by the same process with the same bytes, so it can be searched for.
        const password = await put.password();
        const verifier = (await orders.stored(role)).password ?? "";
        expect(verifier).toMatch(/^SCRAM-SHA-256\$/);
        const what = found(text, password, verifier);
        note(path, rights, what);
        const wanted = rights === "CREATEROLE alone" ? path.unsilenced : "nothing";
        expect({ path: path.name, what }).toEqual({ path: path.name, what: wanted });
      }
    },
  );
});

test("the documentation says of every path what is measured here, and of no other", () => {
  const page = readFileSync(new URL("../../../../.github/docs/postgresql.md", import.meta.url), "utf8");
  const [, table = ""] = /\| where a statement ends up .*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(page) ?? [];
  const said = table.trimEnd().split("\n");
  expect(said).toEqual(
    PATHS.map(({ name, careless, unsilenced }) => markdownRow([name, careless, "nothing", unsilenced])),
  );
});

afterAll(() => {
  const columns = ["careless", ...RIGHTS];
  const cell = (names: ReadonlySet<Found> | undefined): string => [...(names ?? ["not run"])].join(", ");
  writeProofTable({
    name: "leak-matrix-postgresql",
    title: "What a PostgreSQL server keeps of a new password",
    summary:
      "Each path alone is open; the log, pg_stat_statements and pg_stat_activity are then searched for the new password, its parts, encodings and hashes, and for its verifier. Every statement that carries one is tried: `issue` (two roles) and `apply` (in place). The first column is the control: a client that sends the password itself.",
    head: [
      "path",
      "PostgreSQL",
      "a client that sends the password",
      ...RIGHTS.map((rights) => `our admin: ${rights}`),
    ],
    rows: [...rows].map(([key, row]) => key.split(" | ").concat(columns.map((column) => cell(row[column])))),
  });
});

interface Put {
  readonly act: () => Promise<unknown>;
  /** Puts it in force if it is not yet. */
  readonly password: () => Promise<string>;
}

/** One effect with a new secret; the role is free for it. */
async function prepare(orders: Orders, role: string, effect: "issue" | "apply", epoch: number): Promise<Put> {
  const attempt = `attempt-${epoch}`;
  const present = (await orders.observe()).find(({ slot }) => slot === role);
  if (effect === "issue") {
    if (present !== undefined) await orders.rotator.revoke(present, fenceOn(present, epoch), soon());
    const issue = async () => orders.issue(attempt, epoch);
    return { act: issue, password: async () => textOf((await issue()).parts, "password") };
  }
  if (present === undefined) throw new Error("nothing to replace");
  const next = markOf(attempt, epoch);
  const issued = await orders.rotator.generate?.(next, present, soon());
  if (issued === undefined) throw new Error("nothing generated");
  const fence = { expected: present.mark, next };
  const apply = async () => orders.rotator.apply?.(issued, fence, soon());
  return {
    act: apply,
    password: async () => {
      await apply();
      return textOf(issued.parts, "password");
    },
  };
}
