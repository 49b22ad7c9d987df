import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAuthority } from "../../../testing/services/certificates.ts";
import type { Fault } from "../../../testing/services/kubernetes/front.ts";
import type { KubernetesServer } from "../../../testing/services/kubernetes/kubernetes-server.ts";
import { startStandIn } from "../../../testing/services/kubernetes/stand-in.ts";
import { expectNoCanary, failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  type KubernetesBench,
  openKubernetesBench,
  PENDING,
  statusBody,
  TARGET,
} from "../../../testing/suites/kubernetes-bench.ts";
import { consignmentOf, partsOf, passwordOf } from "../../../testing/suites/sample-consignment.ts";

const { signal } = new AbortController();
const HTML = "<html>Sign in</html>";
const ENCODED = Buffer.from(passwordOf("a2")).toString("base64");

let server: KubernetesServer;
let bench: KubernetesBench;
beforeAll(async () => {
  server = await startStandIn();
});
afterAll(async () => server.close());
beforeEach(async () => {
  bench = await openKubernetesBench(server);
});
afterEach(async () => bench.close());

const stage = async (attempt: string) =>
  bench.delivery.stage(consignmentOf(attempt), partsOf(attempt), signal);
const promote = async (attempt: string) => bench.delivery.promote(consignmentOf(attempt), signal);
const onWrite = (fault: Fault) => {
  bench.front.onRequest = ({ method }) => (method === "PATCH" ? fault : undefined);
};
const answer = (
  status: number,
  reason = "",
  details: object = {},
  message = `it said ${ENCODED} ${passwordOf("a2")}`,
): Fault => ({
  kind: "answer",
  status,
  body: statusBody(status, reason, message, details),
});

describe("what the API answers to a write", () => {
  test.each([
    [400, "BadRequest", "refused", "kubernetes-invalid", false],
    [401, "Unauthorized", "refused", "kubernetes-unauthorized", true],
    [403, "Forbidden", "refused", "kubernetes-forbidden", false],
    [409, "Conflict", "refused", "kubernetes-conflict", true],
    [413, "RequestEntityTooLarge", "refused", "kubernetes-invalid", false],
    [422, "Invalid", "refused", "kubernetes-invalid", false],
    [429, "TooManyRequests", "refused", "kubernetes-busy", true],
    [500, "InternalError", "unknown", "kubernetes-failed", true],
    [503, "ServiceUnavailable", "unknown", "kubernetes-failed", true],
    [504, "Timeout", "unknown", "kubernetes-failed", true],
    [307, "", "unknown", "kubernetes-strange-answer", true],
    [407, "", "unknown", "kubernetes-strange-answer", true],
  ] as const)(
    "%i %s is %s as %s, and shows nothing of what was sent",
    async (status, reason, outcome, code, retryable) => {
      await stage("a1");
      await promote("a1");
      await stage("a2");
      onWrite(answer(status, reason));
      for (const effect of [stage("a3"), promote("a2")]) {
        const failure = await failureOf(effect);
        expect(failure).toMatchObject({ outcome, code, retryable });
        expect(failure.describe()).not.toContain(ENCODED);
      }
      expect(await bench.inUse()).toBe(passwordOf("a1"));
    },
  );

  test("a namespace that is not there is named with the command that makes it", async () => {
    onWrite(answer(404, "NotFound", { kind: "namespaces", name: bench.namespace }));
    const failure = await failureOf(stage("a1"));
    expect(failure).toMatchObject({ outcome: "refused", code: "kubernetes-namespace", retryable: false });
    expect(failure.fix).toContain(`kubectl create namespace ${bench.namespace}`);
  });

  test("a field manager that comes in between is named, and nothing else of the API's sentence", async () => {
    await stage("a2");
    onWrite(
      answer(409, "Conflict", {
        causes: [
          {
            reason: "FieldManagerConflict",
            message: `conflict with "argocd-controller" using v1 ${ENCODED}`,
            field: ".data.PGPASSWORD",
          },
        ],
      }),
    );
    const failure = await failureOf(promote("a2"));
    expect(failure).toMatchObject({
      outcome: "refused",
      code: "kubernetes-field-conflict",
      retryable: false,
    });
    expect(failure.describe()).toContain("argocd-controller writes");
    expect(failure.evidence).toContain("for .data.PGPASSWORD");
    expect(failure.describe()).not.toContain(ENCODED);
  });

  test("fields and reasons are shown only where they look like ones", async () => {
    onWrite(
      answer(422, `because ${ENCODED}`, {
        kind: ENCODED,
        causes: [{ reason: ENCODED, message: ENCODED, field: "data[PGUSER]" }, { field: passwordOf("a2") }],
      }),
    );
    const failure = await failureOf(stage("a2"));
    expect(failure.evidence).toBe(
      `patch secrets ${bench.namespace}/${PENDING}: the API answered 422, for data[PGUSER]`,
    );
  });

  test("an admission webhook that refuses, also one that takes no dry run, is named, and its sentence is not shown", async () => {
    const sentence = `admission webhook "no-secrets.example.com" denied the request: ${passwordOf("a2")} is weak`;
    onWrite(answer(400, "BadRequest", {}, sentence));
    for (const effect of [bench.delivery.preflight(signal), stage("a2")]) {
      const failure = await failureOf(effect);
      expect(failure).toMatchObject({ outcome: "refused", code: "kubernetes-invalid" });
      expect(failure.evidence).toMatch(
        /answered 400 BadRequest, said by the admission webhook no-secrets\.example\.com$/,
      );
    }
  });

  test.each([
    ["a page", 200, HTML],
    ["another object", 200, JSON.stringify({ kind: "Secret", metadata: { name: "other", uid: "u" } })],
    ["a list", 200, "[]"],
    ["nothing", 200, ""],
    [
      "an object without the mark",
      200,
      JSON.stringify({ kind: "Secret", metadata: { name: PENDING, uid: "u" } }),
    ],
  ])("%s with success proves nothing", async (_, status, body) => {
    onWrite({ kind: "answer", status, body });
    expect(await failureOf(stage("a1"))).toMatchObject({
      outcome: "unknown",
      code: "kubernetes-strange-answer",
    });
  });

  test("a page that says 404 is no word about the Secret", async () => {
    await stage("a1");
    bench.front.onRequest = () => ({ kind: "answer", status: 404, body: HTML });
    expect((await failureOf(promote("a1"))).outcome).toBe("refused");
    expect((await failureOf(bench.delivery.abort(consignmentOf("a1"), signal))).outcome).toBe("refused");
    expect((await failureOf(bench.delivery.preflight(signal))).outcome).toBe("refused");
    expect(await bench.delivery.holds(signal)).toBe("unknown");
  });
});

describe("no answer", () => {
  test("a write that was done and not answered is unknown, and what the target holds tells", async () => {
    onWrite({ kind: "lost" });
    expect(await failureOf(stage("a1"))).toMatchObject({ outcome: "unknown", code: "kubernetes-no-answer" });
    bench.front.onRequest = () => undefined;
    expect(await bench.delivery.holds(signal)).toEqual({ pending: "a1" });
  });

  test("a write that got no answer in time is unknown, a read is refused", async () => {
    const quick = await bench.bind({ requestSeconds: 0.2 });
    onWrite({ kind: "silent" });
    const failure = await failureOf(quick.stage(consignmentOf("a1"), partsOf("a1"), signal));
    expect(failure).toMatchObject({
      outcome: "unknown",
      evidence: expect.stringContaining("nothing came within the time limit"),
    });
    bench.front.onRequest = () => ({ kind: "silent" });
    expect((await failureOf(quick.preflight(signal))).outcome).toBe("refused");
  });

  test("what was only tried changed nothing, whatever became of it", async () => {
    onWrite({ kind: "lost" });
    expect((await failureOf(bench.delivery.preflight(signal))).outcome).toBe("refused");
    onWrite(answer(503, "ServiceUnavailable"));
    expect(await failureOf(bench.delivery.preflight(signal))).toMatchObject({
      outcome: "refused",
      code: "kubernetes-failed",
      retryable: true,
    });
  });

  test("an interruption in the middle of a write is unknown", async () => {
    const interruption = new AbortController();
    bench.front.onRequest = ({ method }) => {
      if (method !== "PATCH") return undefined;
      interruption.abort();
      return { kind: "silent" };
    };
    const effect = bench.delivery.stage(consignmentOf("a1"), partsOf("a1"), interruption.signal);
    expect((await failureOf(effect)).outcome).toBe("unknown");
  });

  test("a server that is not there, and one with another's certificate, say so", async () => {
    const nobody = await bench.bind({ server: "https://127.0.0.1:1" });
    expect((await failureOf(nobody.preflight(signal))).evidence).toContain("ECONNREFUSED");
    const stranger = await bench.bind({ ca: createAuthority().ca });
    const failure = await failureOf(stranger.preflight(signal));
    expect(failure.fix).toContain("`ca`");
    expect(bench.front.requests).toEqual([]);
    expect(await stranger.holds(signal)).toBe("unknown");
  });
});

describe("what travels", () => {
  test("values only in bodies of writes, and in answers only where they are moved", async () => {
    await bench.hand.createSecret(TARGET, { OTHER: "x" });
    await bench.delivery.preflight(signal);
    await stage("a1");
    await promote("a1");
    await bench.delivery.holds(signal);
    const { requests } = bench.front;
    for (const { method, path, query, headers } of requests) {
      expectNoCanary([method, path, query.toString(), headers]);
      expect(headers["authorization"]).toBe(`Bearer ${server.tokens.runner}`);
    }
    const start = Buffer.from("canary-").toString("base64").slice(0, 8);
    const carrying = requests.filter(({ body }) => body.includes(start));
    expect(carrying.map(({ method, query }) => [method, query.get("dryRun")])).toEqual([
      ["PATCH", null],
      ["PATCH", null],
    ]);
    // Only the two reads of a promotion, and the one that learns the type of the target.
    const whole = requests.filter(({ headers }) => headers["accept"] === "application/json");
    expect(whole.map(({ method }) => method)).toEqual(["GET", "GET", "GET"]);
  });

  test("the server may lie below a path", async () => {
    await bench.close();
    bench = await openKubernetesBench(server, { path: "/k8s/clusters/c-1" });
    await bench.delivery.preflight(signal);
    await stage("a1");
    await promote("a1");
    expect(await bench.inUse()).toBe(passwordOf("a1"));
  });

  test("a token may end with a line break, and what is none is refused without showing it", async () => {
    const padded = await bench.bind({ token: `${server.tokens.runner}\n` });
    await padded.preflight(signal);
    for (const token of ["", "Bearer canary-token", "canary-\ntoken"]) {
      const failure = await failureOf((await bench.bind({ token })).preflight(signal));
      expect(failure).toMatchObject({ outcome: "refused", code: "kubernetes-token", retryable: false });
    }
    const wrong = await failureOf((await bench.bind({ token: "canary-other" })).preflight(signal));
    expect(wrong).toMatchObject({ outcome: "refused", code: "kubernetes-unauthorized" });
  });

  test("a part that the credential does not publish is refused before anything is sent", async () => {
    const wrong = await bench.bind({ values: { K: "{nothing}" } });
    expect(await failureOf(wrong.stage(consignmentOf("a1"), partsOf("a1"), signal))).toMatchObject({
      outcome: "refused",
      code: "template-part-unknown",
      retryable: false,
    });
    expect(bench.front.requests).toEqual([]);
  });

  test("more than a Secret holds is refused when it is staged", async () => {
    const large = await bench.bind({ values: { K: "{password}".repeat(100_000) } });
    expect(await failureOf(large.stage(consignmentOf("a1"), partsOf("a1"), signal))).toMatchObject({
      outcome: "refused",
      code: "kubernetes-invalid",
    });
  });
});

test("of two targets the second one fails: the first keeps the new version, and a repeat completes both", async () => {
  const second = await openKubernetesBench(server);
  const both = [bench.delivery, second.delivery];
  for (const target of both) await target.stage(consignmentOf("a1"), partsOf("a1"), signal);
  second.front.onRequest = ({ method }) => (method === "PATCH" ? { kind: "cut" } : undefined);
  await promote("a1");
  expect((await failureOf(second.delivery.promote(consignmentOf("a1"), signal))).outcome).toBe("unknown");
  expect(await bench.delivery.holds(signal)).toEqual({ current: "a1" });
  expect(await second.delivery.holds(signal)).toEqual({ pending: "a1" });
  second.front.onRequest = () => undefined;
  for (const target of both) await target.promote(consignmentOf("a1"), signal);
  expect([await bench.inUse(), await second.inUse()]).toEqual([passwordOf("a1"), passwordOf("a1")]);
  await second.close();
});
