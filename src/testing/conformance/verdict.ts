import type { TestPostgres } from "../services/postgresql.ts";
import { canLogIn, leaks } from "./proofs.ts";
import type { Tenant } from "./tenant.ts";

/** More runs than two after a kill: something does not end. */
const MOST_RESUMES = 2;

/** What is known of the disturbance besides the state of the world. */
export interface Aftermath {
  readonly resumes: number;
  /** By name: where no secret may be. */
  readonly texts: Readonly<Record<string, string>>;
}

/** What is wrong with one credential after its disturbed rotation; nothing when every invariant held. */
export async function problemsOf(tenant: Tenant, { resumes, texts }: Aftermath): Promise<readonly string[]> {
  const { consumer, plan } = tenant;
  const { postgres, slots } = plan;
  const problems = [...recordProblems(tenant), ...(await providerProblems(postgres, tenant))];
  const login = { database: tenant.database, ...consumer.held() };
  if (!(await canLogIn(postgres, login))) problems.push("the consumer's secret does not log in");
  if (consumer.tally.failures > 0) {
    problems.push(`${consumer.tally.failures} failed logins (${consumer.tally.lastError})`);
  }
  if (resumes > MOST_RESUMES) problems.push(`${resumes} resumes`);
  const leaked = leaks(consumer.seen, texts);
  if (leaked.length > 0) problems.push(`secret found in ${leaked.join(", ")}`);
  if (consumer.seen.size === 0) problems.push("the consumer never got a new secret");
  if (slots !== "one role") problems.push(...evidenceProblems(tenant));
  return problems;
}

function recordProblems(tenant: Tenant): string[] {
  const rotation = tenant.status()?.rotation;
  if (rotation?.outcome === "done" && rotation.recipe !== "adopt") return [];
  return [`ended as ${rotation?.recipe} ${rotation?.outcome} at ${rotation?.step}`];
}

/** An old version was ended on what was seen, or on a person's word where nothing may be seen. */
function evidenceProblems(tenant: Tenant): string[] {
  const rotation = tenant.status()?.rotation;
  const blind = tenant.plan.rights === "CREATEROLE, sees no sessions";
  const problems: string[] = [];
  if (blind && rotation?.proceed === undefined) problems.push("ended blindly, without a person's word");
  if (blind && rotation?.silentSince !== undefined) problems.push("blind, and yet took it for silent");
  if (!blind && rotation?.proceed !== undefined) problems.push("needed a person's word");
  if (!blind && rotation?.silentSince === undefined) problems.push("ended without evidence of silence");
  return problems;
}

async function providerProblems(postgres: TestPostgres, tenant: Tenant): Promise<string[]> {
  const names = [...tenant.roles, tenant.stranger].map((role) => `'${role}'`).join(", ");
  const rows = await postgres.admin(
    `SELECT rolname AS name, rolcanlogin AS live, rolpassword IS NOT NULL AS filled, shobj_description(oid, 'pg_authid') AS comment
       FROM pg_authid WHERE rolname IN (${names})`,
  );
  const own = rows.filter(({ name }) => name !== tenant.stranger);
  const stranger = rows.find(({ name }) => name === tenant.stranger);
  const problems: string[] = [];
  const live = own.filter((row) => row["live"] === true).length;
  if (live !== 1) problems.push(`${live} roles can log in`);
  if (own.some((row) => row["live"] !== true && row["filled"] === true)) {
    problems.push("the old role still has a password");
  }
  if (own.some(({ comment }) => !String(comment).startsWith("belongs to the orders team"))) {
    problems.push("a person's comment was lost");
  }
  if (stranger?.["comment"] !== "not ours" || stranger["live"] !== true || stranger["filled"] !== true) {
    problems.push("a foreign role was touched");
  }
  return problems;
}
