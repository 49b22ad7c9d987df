import { afterAll, beforeAll, expect, test } from "vitest";
import { CliSession } from "../testing/cli/session.ts";
import { type JsonSink, openJsonSink } from "../testing/services/chat/json-sink.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";

let repository: ScratchRepository;
let sink: JsonSink;
const beats = (): number => sink.taken.filter(({ path }) => path === "/beat").length;
const alerts = (): readonly string[] =>
  sink.taken.flatMap(({ path, body }) => (path === "/alerts" ? [body] : []));

const key = (name: string, more = ""): string => `---
apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: api-key
  service: shop
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-01
  method: manual
  access: []
${more}`;
const BURNT = "  compromised: { at: 2026-01-02, reportedBy: alice, reason: in a build log }\n";

beforeAll(async () => {
  sink = await openJsonSink(() => ({ status: 200, body: "ok" }));
  repository = await createScratchRepository({
    "policies/all.yaml": `apiVersion: cre/v1
kind: Policy
metadata: { name: keys }
spec: { rotateWithin: 60d }
---
apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  channels: { hook: { webhook: { url: "${sink.origin}/alerts" } } }
  routes: [{ to: [hook], digest: { at: "00:00" } }]
  heartbeat: { env: BEAT }
`,
    "registry/shop.yaml": key("burnt", BURNT),
  });
});
afterAll(async () => {
  await repository.dispose();
  await sink.close();
});

/** A runner on another machine: a fresh clone. */
async function runner(): Promise<CliSession> {
  const clone = await repository.clone();
  return new CliSession(clone.path, { ...clone.env, BEAT: `${sink.origin}/beat` });
}
const commits = async (): Promise<string> => repository.git("rev-list", "--count", "cre/state");

test("a run tells at once and in its digest; the same run again, elsewhere, sends and writes nothing", async () => {
  expect((await (await runner()).run(["run"])).code).toBe(0);
  expect(alerts().map((body) => /"code":"([a-z-]+)"/.exec(body)?.[1])).toEqual([
    "compromised",
    "rotation-overdue",
  ]);
  const before = await commits();
  const again = await runner();
  expect((await again.run(["run"])).code).toBe(0);
  expect([alerts().length, beats(), await commits()]).toEqual([2, 2, before]);

  const [, fingerprint = ""] = /"fingerprint":"([0-9a-f]{16})"/.exec(alerts()[0] ?? "") ?? [];
  expect((await again.run(["explain", fingerprint])).out).toContain("burnt is compromised");
  expect((await again.run(["audit", "verify"])).code).toBe(0);
  expect(await repository.git("log", "--format=%s", "-1", "cre/state")).toContain("alerts: 1 new to hook");
});

test("a channel that fails in three runs is a finding that anybody can look up", async () => {
  await repository.commit({
    message: "burn",
    files: { "registry/shop.yaml": key("burnt", BURNT) + key("too", BURNT) },
  });
  sink.fail("failing");
  const here = await runner();
  const ends = [];
  for (const _ of [1, 2, 3]) ends.push((await here.run(["run"])).code);
  expect(ends).toEqual([0, 0, 3]);
  const { findings } = JSON.parse((await (await runner()).run(["evaluate", "--format", "json"])).out);
  const failing = findings.find(({ code }: { code: string }) => code === "channel-failing");
  expect((await (await runner()).run(["explain", failing.fingerprint])).out).toContain(
    "hook cannot be told anything",
  );
  sink.fail(undefined);
  expect((await here.run(["run"])).code).toBe(0);
  expect(alerts().at(-1)).toContain('"credential":"too"');
});
