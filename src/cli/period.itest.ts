import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDocuments } from "../adapters/documents/read-documents.ts";
import { openGitStore } from "../adapters/store/git-store.ts";
import type { AuditEvent } from "../core/audit/entry.ts";
import type { ReportModel } from "../core/report/report-schema.ts";
import type { Status } from "../core/state/status.ts";
import { CliSession, instant } from "../testing/cli/session.ts";
import { rotation, status, version } from "../testing/evaluation/world.ts";
import {
  createScratchRepository,
  type ScratchClone,
  type ScratchRepository,
} from "../testing/services/git-remote.ts";

const credential = (name: string, more: string): string => `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: api-key
  service: shop
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-01
  access: [{ principal: shop, kind: service, purpose: sells }]
${more}`;
const AUTOMATED = `  method: automated
  provider: { aws-iam: { connection: prod, user: shop } }
  deliver: [{ webhook: { connection: hook }, consumer: shop }]
`;
const rotatedAt = (day: string): string => credential("person", `  method: manual\n  rotatedAt: ${day}\n`);
const keys = (within: string): string => `apiVersion: cre/v1
kind: Policy
metadata: { name: keys }
spec: { rotateWithin: ${within}, enforcement: rotate }
`;
const CONNECTIONS = `apiVersion: cre/v1
kind: Connection
metadata: { name: prod }
spec: { aws: { region: eu-central-1 }, allow: { objects: ["*"] } }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: hook }
spec: { webhook: { url: "https://hook.example.com/c", key: { id: k1, secret: { env: HOOK } } } }
`;
const EXCEPTION = `apiVersion: cre/v1
kind: Exception
metadata: { name: freeze }
spec:
  credentials: [gone]
  policy: keys
  justification: The shop that uses it is being closed this quarter.
  requestedBy: bob
  approvedBy: carol
  startsAt: 2026-07-01
  expiresAt: 2026-08-01
`;

/** Due 2026-08-30; rotated in time, and the old version ended. */
const OLD = version("2026-07-01", { handle: "old" });
const NEW = version("2026-08-20", { handle: "new", mark: { rotation: "r1", attempt: "t1", epoch: 1 } });
const ROTATION = rotation({
  id: "r1",
  openedAt: instant("2026-08-20"),
  attempt: { id: "t1", number: 1, startedAt: instant("2026-08-20"), createdAt: instant("2026-08-20") },
});
const CONFIRMED = { ...ROTATION, confirmedAt: instant("2026-08-20T01:00:00Z") };

let repository: ScratchRepository;
let clone: ScratchClone;
let cre: CliSession;

/** Records what a run found and did, at its time. */
async function record(at: string, known: Status, events: readonly Partial<AuditEvent>[]): Promise<void> {
  const store = await openGitStore({ repo: clone.path, env: clone.env, readDocuments });
  const { signal } = new AbortController();
  const state = await store.fetchState(await store.fetchInputs(signal), signal);
  const told = events.map((event) => ({
    time: instant(at),
    event: "run",
    credential: known.credential,
    ...event,
  }));
  const change = {
    statuses: new Map([[known.credential, known]]),
    events: told,
    subject: "a run",
    trailers: [],
  };
  const identity = { run: `run-${state.auditHead?.seq ?? 0}`, actor: "schedule" };
  const { outcome } = await store.publish(state, change, identity, instant(at), signal);
  expect(outcome).toBe("accepted");
}

beforeAll(async () => {
  repository = await createScratchRepository(
    {
      "registry/machine.yaml": credential("machine", AUTOMATED),
      "registry/person.yaml": rotatedAt("2026-05-10"),
      "registry/gone.yaml": credential("gone", "  method: manual\n  rotatedAt: 2026-05-20\n"),
      "policies/keys.yaml": keys("60d"),
      "policies/connections.yaml": CONNECTIONS,
      "exceptions/freeze.yaml": EXCEPTION,
    },
    "2026-06-01T00:00:00Z",
  );
  clone = await repository.clone();
  const machine = (known: Partial<Status>) => status("machine", { service: "shop", ...known });
  await record("2026-07-01T06:00:00Z", machine({ versions: [OLD] }), [{ event: "credential.observed" }]);
  await repository.commit({
    files: { "registry/person.yaml": rotatedAt("2026-07-12") },
    at: "2026-07-12T09:00:00Z",
  });
  await repository.commit({
    files: { "registry/gone.yaml": null, "exceptions/freeze.yaml": null },
    at: "2026-07-30T00:00:00Z",
  });
  const about = { rotation: "r1" };
  await record("2026-08-20T01:00:00Z", machine({ versions: [OLD, NEW], rotation: CONFIRMED }), [
    {
      ...about,
      event: "rotation.opened",
      detail: { recipe: "overlap", reason: "due", because: "keys", emergency: false },
    },
    { ...about, event: "rotation.confirmed", step: "confirm", detail: { proof: "consumer" } },
  ]);
  await record(
    "2026-08-28T01:00:00Z",
    machine({ versions: [{ ...OLD, live: false }, NEW], rotation: { ...CONFIRMED, outcome: "done" } }),
    [
      { ...about, event: "step.done", step: "deactivate", outcome: "applied" },
      { ...about, event: "rotation.closed", detail: { outcome: "done" } },
    ],
  );
  await repository.commit({ files: { "policies/keys.yaml": keys("45d") }, at: "2026-09-12T00:00:00Z" });
  await clone.git("pull", "-q");
  cre = new CliSession(clone.path, clone.env);
}, 60_000);
afterAll(async () => repository.dispose());

async function report(name: string, ...args: string[]): Promise<ReportModel & { readonly err: string }> {
  const { code, err } = await cre.run(["report", "--out", name, "--format", "json", ...args]);
  if (code !== 0) throw new Error(err);
  return { ...(JSON.parse(cre.read(`${name}/report.json`)) as ReportModel), err };
}

describe("a quarter", () => {
  test("tells what fell due in it and how it was met, at its end, also of what is gone since", async () => {
    const { identity, period, credentials, trend } = await report("q3", "--period", "2026-Q3");
    expect(identity).toMatchObject({
      asOf: "2026-10-01T00:00:00Z",
      clock: "as-of",
      period: "2026-Q3",
      periodFrom: "2026-07-01T00:00:00Z",
      periodTo: "2026-10-01T00:00:00Z",
    });
    expect(
      period?.dueDates.map(({ credential: name, dueAt, metAt, result, gone }) => [
        name,
        dueAt.slice(0, 10),
        metAt?.slice(0, 10),
        result,
        gone,
      ]),
    ).toEqual([
      ["person", "2026-07-09", "2026-07-12", "late", false],
      ["gone", "2026-07-19", undefined, "unmet", true],
      ["person", "2026-08-26", undefined, "unmet", false],
      ["machine", "2026-08-30", "2026-08-20", "on-time", false],
      ["person", "2026-09-10", undefined, "unmet", false],
    ]);
    expect(period?.rotations).toMatchObject([
      { id: "r1", oldEndedAt: "2026-08-28T01:00:00Z", outcome: "done" },
    ]);
    expect(period?.exceptions).toMatchObject([{ id: "freeze", approvers: ["carol"] }]);
    expect(period?.changes.map(({ kind, name, change }) => `${kind} ${name} ${change}`)).toEqual([
      "Credential person changed",
      "Exception freeze removed",
      "Credential gone removed",
      "Policy keys changed",
    ]);
    expect(period?.previous).toBeNull();
    expect(trend.map(({ at, credentials: count }) => [at.slice(0, 10), count])).toEqual([
      ["2026-07-01", 3],
      ["2026-08-01", 2],
      ["2026-09-01", 2],
      ["2026-10-01", 2],
    ]);
    const machine = credentials.find(({ name }) => name === "machine");
    expect(machine?.history).toMatchObject([{ rotation: "r1", outcome: "done", fromSeq: 2, toSeq: 5 }]);
    expect(machine?.trail[0]).toMatchObject({ text: "rotation closed: done" });
  });

  test("is the same whenever it is asked for", async () => {
    await report("first", "--period", "2026-Q3");
    const first = cre.read("first/report.json");
    const { code } = await cre.run(["report", "--out", "second", "--format", "json", "--period", "2026-Q3"], {
      now: "2027-05-01T00:00:00Z",
    });
    expect(code).toBe(0);
    expect(cre.read("second/report.json")).toBe(first);
  });

  test("gives its facts to the checks", async () => {
    const { out } = await cre.run(["controls", "--period", "2026-Q3", "--format", "json"]);
    const { checks } = JSON.parse(out) as ReportModel["controls"] & object;
    const counts = Object.fromEntries(
      checks.map(({ check, numerator, denominator }) => [check, [numerator, denominator]]),
    );
    expect(counts).toMatchObject({ K02: [1, 5], K08: [1, 1], K09: [1, 1] });
  });
});

test("a month is compared with the one before it", async () => {
  const { period } = await report("august", "--period", "2026-08");
  expect(period?.figures).toMatchObject({ due: 1, onTime: 1, unmet: 0 });
  expect(period?.previous).toMatchObject({
    figures: { due: 2, onTime: 0, late: 1, unmet: 1, exceptions: 1 },
  });
});

test("a period that has not ended is told up to now, and says so first", async () => {
  const { identity, period } = await report("q4", "--period", "2026-Q4");
  expect(identity.asOf).toBe("2026-11-23T10:00:00Z");
  expect(identity.warnings).toContainEqual(expect.stringMatching(/^The period 2026-Q4 had not ended/));
  expect(period?.dueDates).toMatchObject([
    { credential: "machine", dueAt: "2026-10-04T00:00:00Z", result: "unmet" },
  ]);
});

test("a history that begins within the period is said first", async () => {
  const { identity } = await report("half", "--period", "2026-05-15..2026-07-31");
  expect(identity.warnings).toContainEqual(
    expect.stringMatching(/history of the documents begins 2026-06-01/),
  );
  expect(identity.warnings).toContainEqual(expect.stringMatching(/records of runs begin 2026-07-01/));
});

test.each([
  [["--period", "2026-Q7"], /is no period.*\n?.*2026-Q3/s],
  [["--period", "2027-Q1"], /has not begun/],
  [["--period", "2026-Q3", "--now", "2026-12-01"], /exclude each other/],
])("%s is refused", async (args, words) => {
  const { code, err } = await cre.run(["report", "--out", "refused", ...args]);
  expect(code).toBe(2);
  expect(err).toMatch(words);
});

test("a shallow clone refuses a period, and says how to deepen it", async () => {
  const shallow = await repository.clone({ url: `file://${repository.path}`, args: ["--depth=1"] });
  const session = new CliSession(shallow.path, shallow.env);
  await shallow.git("fetch", "-q", "--depth=1", "origin", "+refs/heads/*:refs/remotes/origin/*");
  const args = ["report", "--out", "shallow", "--format", "json", "--period", "2026-11"];
  const refused = await session.run(args);
  expect(refused.code).toBe(2);
  const [, command] = /run: git (fetch --unshallow \S+ '\S+')/.exec(refused.err) ?? [];
  expect(command).toBeDefined();
  await shallow.git(...(command ?? "").replaceAll("'", "").split(" "));
  expect((await session.run(args)).code).toBe(0);
});
