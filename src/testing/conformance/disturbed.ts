import pLimit from "p-limit";
import type { TestPostgres } from "../services/postgresql.ts";
import { createWave, type WaveEstate } from "./estate.ts";
import { livesOf, type Outcome, type Point } from "./killed-rotation.ts";
import { objectsOf } from "./proofs.ts";
import { type Row, rowOf } from "./report.ts";
import type { TenantPlan } from "./tenant.ts";
import { problemsOf } from "./verdict.ts";

/** Each has a repository, databases and consumers of its own. */
const AT_ONCE = 3;

/** A server of the suite, by the name that the tables show. */
export interface NamedServer {
  readonly name: string;
  readonly postgres: TestPostgres;
}

/**
 * Disturbs waves at these points, a wave at one point of each of its scheduled runs, several waves side by side, and
 * judges what became of every credential that came by a point, and of every other one of the wave.
 */
export async function judgeAll(
  servers: readonly NamedServer[],
  plans: readonly TenantPlan[],
  points: readonly Point[],
  disturb: (make: () => Promise<WaveEstate>, points: readonly Point[]) => Promise<Outcome>,
): Promise<readonly Row[]> {
  const limit = pLimit(AT_ONCE);
  const one = async (life: readonly Point[]): Promise<readonly Row[]> => {
    const logs = new Map(servers.map(({ postgres }) => [postgres, postgres.logText().length]));
    const { estate, printed, resumes, logins } = await disturb(async () => createWave(plans), life);
    try {
      const rows: Row[] = [];
      const objects = objectsOf(estate.remote);
      const said = new Map([...logs].map(([server, from]) => [server, server.logText().slice(from)]));
      for (const tenant of estate.tenants) {
        const { postgres } = tenant.plan;
        const texts = {
          "what the disturbed run printed": printed,
          "objects of the remote": objects,
          "the server's log": said.get(postgres) ?? "",
        };
        const problems = await problemsOf(tenant, { resumes: Math.max(...resumes), texts });
        const server = servers.find((candidate) => candidate.postgres === postgres)?.name ?? "";
        for (const [at, point] of life.entries()) {
          // One that did not come by is worth a row only if it was harmed.
          if (!point.credentials.includes(tenant.plan.name) && problems.length === 0) continue;
          const row = rowOf(tenant, point, server, problems, resumes[at] ?? 0);
          rows.push({ ...row, logins: logins?.[at]?.get(tenant.plan.name) ?? row.logins });
        }
      }
      return rows;
    } finally {
      await estate.dispose();
    }
  };
  return (await Promise.all(livesOf(points).map(async (life) => limit(one, life)))).flat();
}
