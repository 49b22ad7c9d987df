import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import {
  type AcmeStandIn,
  type StandInOptions,
  startAcmeStandIn,
} from "../../../testing/services/acme/stand-in.ts";
import { type AcmeOptions, accountKey, bindAcme, NAMES, order } from "../../../testing/suites/acme-bench.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";

const { signal } = new AbortController();
let ca: AcmeStandIn;

async function restart(options: StandInOptions): Promise<void> {
  await ca.stop();
  ca = await startAcmeStandIn(options);
}
beforeEach(async () => {
  ca = await startAcmeStandIn();
});
afterEach(async () => ca.stop());

/** How the preflight fails, as people read it. */
async function preflightFailure(options: AcmeOptions = {}): Promise<CreError> {
  return failureOf((await bindAcme(ca, options)).preflight(signal));
}

async function failureOf(tried: Promise<unknown>): Promise<CreError> {
  const error = await tried.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CreError);
  // `as`: asserted just before.
  return error as CreError;
}

async function orderFailure(options: AcmeOptions = {}): Promise<EffectError> {
  const error = await failureOf(order(await bindAcme(ca, options), markOf("a1"), signal));
  expect(error).toBeInstanceOf(EffectError);
  // `as`: asserted just before.
  return error as EffectError;
}

const problem = (type: string, detail: string, status = 400, headers = {}) => ({
  status,
  type: "application/problem+json",
  headers,
  body: JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail }),
});

describe("before an order", () => {
  test("a directory whose certificate nobody vouches for is told as that, with the bundle to give", async () => {
    const rotator = await bindAcme({ ...ca, ca: await startAcmeStandInCa() }, {});
    const error = await failureOf(rotator.preflight(signal));
    expect(error).toMatchObject({ code: "acme-untrusted" });
    expect(error.describe()).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED|CERT/);
    expect(error.describe()).toContain("`ca` of the connection");
  });

  test("a directory that does not answer, or answers with a web page", async () => {
    const gone = await preflightFailure({ connection: { directory: "https://127.0.0.1:1/dir" } });
    expect(gone).toMatchObject({ code: "acme-unreachable", evidence: "ECONNREFUSED" });
    ca.intercept(() => ({ status: 200, type: "text/html", body: "<html>Welcome</html>" }));
    const page = await preflightFailure();
    expect(page).toMatchObject({ code: "acme-answer-malformed" });
    expect(page.describe()).toContain("text/html");
    ca.intercept(() => ({
      status: 200,
      type: "application/json",
      body: '{"newNonce":"http://elsewhere.example/"}',
    }));
    expect(await preflightFailure()).toMatchObject({ code: "acme-answer-malformed" });
  });

  test("a directory over plain http elsewhere, or with a login in it, is never asked", async () => {
    for (const directory of ["http://ca.example/dir", "https://user:canary@ca.example/dir"]) {
      const error = await failureOf(bindAcme(ca, { connection: { directory } }));
      expect(error).toMatchObject({ code: "acme-directory" });
      expect(error.describe()).not.toContain("canary");
    }
  });

  test("an account key that is none is told without a byte of it", async () => {
    for (const key of ["canary, not a key", '{"kty":"canary"}']) {
      const error = await preflightFailure({ accountKey: key });
      expect(error).toMatchObject({ code: "acme-account-key" });
      expect(error.describe()).not.toContain("canary");
    }
  });

  test("terms that nobody agreed to are named, and an account that exists needs no new word", async () => {
    await restart({ termsOfService: "https://ca.example/terms.pdf" });
    const key = accountKey();
    const silent = { accountKey: key, connection: { termsOfServiceAgreed: false } };
    expect(await preflightFailure(silent)).toMatchObject({
      code: "acme-terms",
      evidence: "https://ca.example/terms.pdf",
    });
    expect(await orderFailure(silent)).toMatchObject({ code: "acme-terms", retryable: false });
    await order(await bindAcme(ca, { accountKey: key }), markOf("a1"), signal);
    await (await bindAcme(ca, silent)).preflight(signal);
    expect(ca.desk.accounts).toHaveLength(1);
  });

  test("an external account that is not given is asked for, a wrong one is refused, and the right one makes the account", async () => {
    const key = Buffer.from("the-key-of-an-external-account--").toString("base64url");
    await restart({ externalAccounts: { "kid-1": key } });
    expect(await preflightFailure()).toMatchObject({ code: "acme-eab-required" });
    const eab = (kid: string) => ({ connection: { eab: { kid, key: { env: "EAB" } } } });
    const wrong = await orderFailure({ ...eab("kid-1"), secrets: { EAB: "d3Jvbmc" } });
    expect(wrong).toMatchObject({ code: "acme-unauthorized", outcome: "refused", retryable: false });
    const unknown = await orderFailure({ ...eab("kid-2"), secrets: { EAB: key } });
    expect(unknown).toMatchObject({ code: "acme-unauthorized" });
    await order(await bindAcme(ca, { ...eab("kid-1"), secrets: { EAB: key } }), markOf("a1"), signal);
  });

  test("a deactivated account is told as one", async () => {
    await order(await bindAcme(ca), markOf("a1"), signal);
    for (const account of ca.desk.accounts) account.status = "deactivated";
    const error = await preflightFailure();
    expect(error.describe()).toContain("deactivated");
  });

  test("a wildcard that is to be proven over HTTP, and an address that cannot be listened on", async () => {
    expect(await preflightFailure({ provider: { names: ["*.example.test"] } })).toMatchObject({
      code: "acme-wildcard",
    });
    const taken = createServer().listen(ca.httpPort, "127.0.0.1");
    await new Promise((listening) => taken.once("listening", listening));
    const error = await preflightFailure();
    expect(error).toMatchObject({ code: "acme-listen", evidence: "EADDRINUSE" });
    await new Promise((closed) => taken.close(closed));
    const nowhere = { provider: { challenge: { "http-01": { listen: "192.0.2.1:80" } } } };
    expect(await preflightFailure(nowhere)).toMatchObject({ code: "acme-listen", evidence: "EADDRNOTAVAIL" });
  });

  test.each([
    ["of the name are told", "issue", "www.orders.example.test", "acme-caa"],
    ["of a name above are told", "issue", "example.test", "acme-caa"],
    ["of another kind do not count", "iodef", "example.test", undefined],
  ])("CAA records that leave the CA out %s before an order", async (_, tag, at, code) => {
    await restart({ caaIdentities: ["ca.example"] });
    const resolveCaa = async (name: string) =>
      name === at ? [{ tag, value: "other.example; policy=x" }] : [];
    const rotator = await bindAcme(ca, { resolveCaa });
    const said = await rotator.preflight(signal).then(
      () => undefined,
      (error: CreError) => error.code,
    );
    expect(said).toBe(code);
    const fine = async () => [{ tag: "issue", value: "ca.example" }];
    await (await bindAcme(ca, { resolveCaa: fine })).preflight(signal);
    await (await bindAcme(ca, { resolveCaa: async () => undefined })).preflight(signal);
  });
});

describe("an order", () => {
  test("that is refused for its rate says from when on it is taken", async () => {
    ca.intercept((what) =>
      what === "newOrder"
        ? problem("rateLimited", "too many certificates", 429, { "Retry-After": "3600" })
        : undefined,
    );
    const error = await orderFailure({ clock: () => 1_790_000_000 });
    expect(error).toMatchObject({ code: "acme-rate-limited", outcome: "refused", retryable: true });
    expect(error.describe()).toContain("too many certificates");
    expect(error.describe()).toContain("2026-09-21T15:13:20Z");
  });

  test("for names that the CA refuses names them", async () => {
    const error = await orderFailure({ provider: { names: ["a.example.test", "b.forbidden.example"] } });
    expect(error).toMatchObject({ code: "acme-name-refused", retryable: false });
    expect(error.describe()).toContain("b.forbidden.example: policy forbids it");
  });

  test("whose challenge fails gives the CA's reason for each name, and the next attempt is another order", async () => {
    const challenge = { "http-01": { listen: "127.0.0.1:0" } };
    const rotator = await bindAcme(ca, { provider: { challenge } });
    const reference = await rotator.request?.(markOf("a1"), undefined, signal);
    const error = await failureOf(rotator.issue?.(markOf("a1"), [], signal, reference) ?? Promise.resolve());
    expect(error).toMatchObject({ code: "acme-challenge-failed", outcome: "refused", retryable: true });
    for (const name of NAMES) {
      expect(error.describe()).toContain(`${name}: connection: fetching http://${name}`);
    }
    expect(await rotator.request?.(markOf("a2"), reference, signal)).not.toBe(reference);
  });

  test("that has expired, or that the CA forgot, is placed anew", async () => {
    const rotator = await bindAcme(ca);
    const first = await rotator.request?.(markOf("a1"), undefined, signal);
    const later = await bindAcme(ca, { clock: () => Date.now() / 1000 + 8 * 86_400 });
    expect(await later.request?.(markOf("a2"), first, signal)).not.toBe(first);
    ca.desk.orders.splice(0);
    expect(await rotator.request?.(markOf("a3"), first, signal)).not.toBe(first);
    await expect(rotator.issue?.(markOf("a3"), [], signal, first)).rejects.toMatchObject({
      code: "acme-order-lost",
    });
  });

  test.each([
    ["an error of the CA's own", () => problem("serverInternal", "out of order", 500), "acme-failed"],
    ["a web page", () => ({ status: 200, type: "text/html", body: "<html>" }), "acme-answer-malformed"],
    ["a page of a proxy", () => ({ status: 502, type: "text/html", body: "<html>" }), "acme-failed"],
  ])(
    "whose request is answered with %s may have been finished: nobody says that it was not",
    async (_, answer, code) => {
      ca.intercept((what) => (what === "finalize" ? answer() : undefined));
      expect(await orderFailure()).toMatchObject({ outcome: "unknown", code });
    },
  );

  test("a certificate for another key, or for other names, is not handed to anybody", async () => {
    const other = await order(
      await bindAcme(ca, { provider: { names: ["other.example.test"] } }),
      markOf("o1"),
      signal,
    );
    const chain = other.parts.get("fullchain")?.reveal() ?? "";
    ca.intercept((what) =>
      what === "cert" ? { status: 200, type: "application/pem-certificate-chain", body: chain } : undefined,
    );
    const error = await orderFailure();
    expect(error).toMatchObject({ code: "acme-certificate-wrong", outcome: "unknown" });
    ca.intercept((what) =>
      what === "cert"
        ? { status: 200, type: "application/pem-certificate-chain", body: "no PEM" }
        : undefined,
    );
    expect(await orderFailure()).toMatchObject({ code: "acme-answer-malformed", outcome: "unknown" });
  });

  test("that the CA does not finish ends the effect with words of its own, and is gone on with", async () => {
    const stuck = JSON.stringify({
      identifier: { type: "dns", value: NAMES[0] },
      status: "pending",
      challenges: [{ type: "http-01", status: "processing", token: "t", url: "u" }],
    });
    const rotator = await bindAcme(ca, { patience: 1 });
    const reference = await rotator.request?.(markOf("a1"), undefined, signal);
    ca.intercept((what) =>
      what === "authz" ? { status: 200, type: "application/json", body: stuck } : undefined,
    );
    const error = await failureOf(rotator.issue?.(markOf("a1"), [], signal, reference) ?? Promise.resolve());
    expect(error).toMatchObject({ code: "acme-not-finished", outcome: "refused", retryable: true });
    ca.intercept(undefined);
    const patient = await bindAcme(ca);
    expect(await patient.request?.(markOf("a2"), reference, signal)).toBe(reference);
    expect(await patient.issue?.(markOf("a2"), [], signal, reference)).toBeDefined();
  });

  test("an interrupted run places none", async () => {
    const rotator = await bindAcme(ca);
    await expect(rotator.request?.(markOf("a1"), undefined, AbortSignal.abort())).rejects.toMatchObject({
      outcome: "refused",
    });
    expect(ca.desk.orders).toHaveLength(0);
  });

  test("a nonce that is refused again and again is no reason to give up at once", async () => {
    await restart({ badNonces: 30 });
    const tries = await Promise.allSettled(
      [1, 2, 3].map(async (at) => order(await bindAcme(ca), markOf(`a${at}`), signal)),
    );
    expect(tries.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  });
});

/** An authority that vouches for another server. */
async function startAcmeStandInCa(): Promise<string> {
  const other = await startAcmeStandIn();
  await other.stop();
  return other.ca;
}
