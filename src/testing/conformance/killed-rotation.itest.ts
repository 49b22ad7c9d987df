import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import type { Slots } from "./estate.ts";
import { discoverPoints, failAfter, killAt, type Outcome, type Point } from "./killed-rotation.ts";
import { canLogIn, leaks } from "./proofs.ts";
import { type Row, writeReport } from "./report.ts";

/** Each has a repository, a database and a consumer of its own. */
const KILLS_AT_ONCE = 3;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres({ settings: { log_statement: "all", max_connections: "200" } });
});
afterAll(async () => postgres.stop());

/** Another delivery of a recipe that is killed everywhere already: killed at its own effects. */
const DELIVERY_EFFECTS = ["stage", "promote"];

describe.each<{ slots: Slots; recipe: string; only?: readonly string[] }>([
  { slots: "two roles", recipe: "alternate" },
  { slots: "one role", recipe: "in-place" },
  { slots: "two roles through an env file", recipe: "alternate-env-file", only: DELIVERY_EFFECTS },
])(
  "a rotation with $slots, killed before and after every push and every effect",
  ({ slots, recipe, only }) => {
    const rows: Row[] = [];
    afterAll(() => void writeReport(`conformance-postgresql-${recipe}`, rows));

    test("loses no secret, locks nobody out, leaves no orphan and touches nothing foreign", {
      timeout: 900_000,
    }, async () => {
      const all = await discoverPoints(postgres, slots);
      const points = all.filter(({ call }) => only?.includes(call) ?? true);
      const calls = new Set(all.map(({ call }) => call));
      const expected =
        slots !== "one role"
          ? ["push", "adopt", "issue", "stage", "promote", "deactivate", "revoke"]
          : ["push", "adopt", "stage", "apply", "promote"];
      expect([...calls].toSorted()).toEqual(expected.toSorted());
      rows.push(...(await judge(points, (point) => killAt(postgres, slots, point), recipe)));
      expect(rows.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
      expect(rows.reduce((sum, row) => sum + row.logins, 0)).toBeGreaterThan(points.length * 10);
    });

    test("survives every effect that happens although its answer is lost", { timeout: 900_000 }, async () => {
      const all = await discoverPoints(postgres, slots);
      const effects = all.filter(
        ({ call, side }) => side === "after" && call !== "push" && (only?.includes(call) ?? true),
      );
      const judged = await judge(effects, (point) => failAfter(postgres, slots, point), recipe);
      expect(judged.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
    });
  },
);

/** Disturbs one rotation per point, several side by side, and judges what became of each. */
async function judge(
  points: readonly Point[],
  disturb: (point: Point) => Promise<Outcome>,
  recipe: string,
): Promise<Row[]> {
  const limit = pLimit(KILLS_AT_ONCE);
  const one = async (point: Point): Promise<Row> => {
    const outcome = await disturb(point);
    try {
      return await verdict(outcome, recipe);
    } finally {
      await outcome.estate.dispose();
    }
  };
  return Promise.all(points.map((point) => limit(one, point)));
}

/** What became of one killed rotation; `rotated` only when every invariant held. */
async function verdict({ estate, point, printed, resumes }: Outcome, recipe: string): Promise<Row> {
  const { consumer, database, roles } = estate;
  const problems: string[] = [];
  const status = estate.status();
  if (status?.rotation?.outcome !== "done" || status.rotation.recipe === "adopt") {
    problems.push(
      `ended as ${status?.rotation?.recipe} ${status?.rotation?.outcome} at ${status?.rotation?.step}`,
    );
  }
  const login = { database, ...consumer.held() };
  if (!(await canLogIn(postgres, login))) problems.push("the consumer's secret does not log in");
  const live = await postgres.admin(
    `SELECT rolname, rolpassword IS NULL AS empty FROM pg_authid WHERE rolcanlogin AND rolname IN (${roles.map((role) => `'${role}'`).join(", ")})`,
  );
  if (live.length !== 1) problems.push(`${live.length} roles can log in`);
  if (recipe !== "in-place") {
    const idle = await postgres.admin(
      `SELECT rolname FROM pg_authid WHERE NOT rolcanlogin AND rolpassword IS NOT NULL AND rolname IN (${roles.map((role) => `'${role}'`).join(", ")})`,
    );
    if (idle.length > 0) problems.push("the old role still has a password");
  }
  const [stranger] = await postgres.admin(
    `SELECT shobj_description(oid, 'pg_authid') AS comment, rolcanlogin FROM pg_authid WHERE rolname = '${estate.stranger}'`,
  );
  if (stranger?.["comment"] !== "not ours" || stranger["rolcanlogin"] !== true) {
    problems.push("a foreign role was touched");
  }
  const comments = await postgres.admin(
    `SELECT shobj_description(oid, 'pg_authid') AS comment FROM pg_authid WHERE rolname IN (${roles.map((role) => `'${role}'`).join(", ")})`,
  );
  if (comments.some(({ comment }) => !String(comment).startsWith("belongs to the orders team"))) {
    problems.push("a person's comment was lost");
  }
  if (consumer.tally.failures > 0) {
    problems.push(`${consumer.tally.failures} failed logins (${consumer.tally.lastError})`);
  }
  if (resumes > 2) problems.push(`${resumes} resumes`);
  const leaked = leaks(estate, {
    "what the killed run printed": printed,
    "the server's log": postgres.logText(),
  });
  if (leaked.length > 0) problems.push(`secret found in ${[...new Set(leaked)].join(", ")}`);
  if (consumer.seen.size === 0) problems.push("the consumer never got a new secret");
  return {
    recipe,
    run: point.run,
    call: point.call,
    side: point.side,
    outcome: problems.length === 0 ? "rotated" : problems.join("; "),
    logins: consumer.tally.logins,
    failures: consumer.tally.failures,
    longestGapMs: consumer.tally.longestGap,
    resumes,
  };
}
