import pLimit from "p-limit";
import type { TestPostgres } from "../services/postgresql.ts";
import { createWave, type WaveEstate } from "./estate.ts";
import type { Outcome, Point } from "./killed-rotation.ts";
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
 * Disturbs one wave per point, several side by side, and judges what became of every credential that came by the
 * point, and of every other one of the wave.
 */
export async function judgeAll(
  servers: readonly NamedServer[],
  plans: readonly TenantPlan[],
  points: readonly Point[],
  disturb: (make: () => Promise<WaveEstate>, point: Point) => Promise<Outcome>,
): Promise<readonly Row[]> {
  const limit = pLimit(AT_ONCE);
  const one = async (point: Point): Promise<readonly Row[]> => {
    const logs = new Map(servers.map(({ postgres }) => [postgres, postgres.logText().length]));
    const { estate, printed, resumes } = await disturb(async () => createWave(plans), point);
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
        const problems = await problemsOf(tenant, { resumes, texts });
        // One that did not come by is worth a row only if it was harmed.
        if (!point.credentials.includes(tenant.plan.name) && problems.length === 0) continue;
        const server = servers.find((candidate) => candidate.postgres === postgres)?.name ?? "";
        rows.push(rowOf(tenant, point, server, problems, resumes));
      }
      return rows;
    } finally {
      await estate.dispose();
    }
  };
  return (await Promise.all(points.map(async (point) => limit(one, point)))).flat();
}
