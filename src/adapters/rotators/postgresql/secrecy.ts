import type { Session } from "../../clients/postgresql/session.ts";
import { DEFAULT_ITERATIONS } from "./scram.ts";
import { ident } from "./sql-text.ts";

/** What a session may do about the traces that its statements leave, and what the server computes verifiers with. */
export interface ServerFacts {
  readonly version: number;
  readonly iterations: number;
  /** Settings that this login may change. */
  readonly silencers: readonly string[];
  /** Settings that would keep a verifier out of a log or view, and that this login may not change. */
  readonly loud: readonly string[];
  /** Whole transactions are sampled into the log; that is decided when they begin. */
  readonly samplesTransactions: boolean;
}

/** Each keeps statements out of one place: the log (by kind, by error, by duration), the views of statistics and activity. */
const SILENT: Readonly<Record<string, string>> = {
  log_statement: "none",
  log_min_error_statement: "panic",
  log_min_duration_statement: "-1",
  log_min_duration_sample: "-1",
  log_transaction_sample_rate: "0",
  track_activities: "off",
  "pg_stat_statements.track_utility": "off",
  debug_print_parse: "off",
  debug_print_rewritten: "off",
  debug_print_plan: "off",
};

/** Reads what this login may do. Before PostgreSQL 15 only superusers may change the settings of the log. */
export async function readServerFacts(session: Session): Promise<ServerFacts> {
  const [server] = await session.query<{ version: number; iterations: number | null; super: boolean }>(`
    SELECT pg_catalog.current_setting('server_version_num')::int AS version,
           pg_catalog.current_setting('scram_iterations', true)::int AS iterations,
           (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS super`);
  const version = server?.version ?? 0;
  const may =
    version >= 150_000
      ? "(context = 'user' OR pg_catalog.has_parameter_privilege(current_user, name, 'SET'))"
      : `(context = 'user' OR ${server?.super === true})`;
  const settings = await session.query<{ name: string; setting: string; may: boolean }>(
    `SELECT name, setting, ${may} AS may FROM pg_catalog.pg_settings WHERE name = ANY ($1)`,
    [Object.keys(SILENT)],
  );
  return {
    version,
    iterations: server?.iterations ?? DEFAULT_ITERATIONS,
    silencers: settings.filter(({ may: allowed }) => allowed).map(({ name }) => name),
    loud: settings.filter(({ may: allowed }) => !allowed).map(({ name }) => name),
    samplesTransactions: settings.some(
      ({ name, setting, may: allowed }) =>
        name === "log_transaction_sample_rate" && Number(setting) > 0 && allowed,
    ),
  };
}

/**
 * The statements that silence the present transaction. They must be a message of their own, sent before the one with
 * the verifier: the server logs a whole message before it runs any of it.
 */
export function silence({ silencers }: ServerFacts): string {
  return silencers.map((name) => `SET LOCAL ${name} = '${SILENT[name]}'`).join("; ");
}

/**
 * What to tell the owner of a server that may show our verifiers to whoever reads its log or its statistics; undefined
 * where we can keep all of it silent.
 */
export function loudness({ loud, version }: ServerFacts, admin: string): string | undefined {
  if (loud.length === 0) return undefined;
  const may = `${admin} may not keep its statements out of the server's log and statistics, which may then show the verifier of a new password (never the password)`;
  if (version < 150_000) return `${may}: before PostgreSQL 15 only a superuser can`;
  return `${may}; as a superuser: GRANT SET ON PARAMETER ${loud.join(", ")} TO ${ident(admin)};`;
}
