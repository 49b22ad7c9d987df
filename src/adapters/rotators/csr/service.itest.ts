import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { BoundRotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { AUTHORITY, signed } from "../../../testing/conformance/certificates/signing.ts";
import { ROTATOR_KEY } from "../../../testing/suites/external-bench.ts";
import { type Said, signedAnswers } from "../../../testing/suites/signed-answers.ts";
import { listen } from "../../../testing/suites/webhook-bench.ts";
import { systemRandom } from "../../runtime/random.ts";
import { csrRotator } from "./rotator.ts";

const NAMES = ["www.example.com", "10.1.2.3"];
const NOW = Math.floor(Date.now() / 1000);
const signal = AbortSignal.timeout(60_000);
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => close()));
});

/** The product's rotator of `shop`, with a service on loopback that signs. */
async function bind(listener: RequestListener): Promise<BoundRotator> {
  const server = await listen(listener);
  closers.push(async () => server.close());
  const clock = { now: () => instantOf(NOW) };
  const key = { id: ROTATOR_KEY.id, secret: { env: "KEY" } };
  const ports: RotatorPorts = {
    clock,
    random: systemRandom(clock),
    secrets: { read: async () => new Secret(ROTATOR_KEY.secret), present: () => true },
    pause: async () => undefined,
    progress: { warn: () => undefined },
    commands: {},
    scanEndpoint: async () => [],
    connection: () => ({ webhook: { url: `http://127.0.0.1:${server.port}/sign`, key } }),
    readFile: () => "",
  };
  // `as`: the rotator takes nothing else from it.
  const spec = { provider: { csr: { names: NAMES, connection: "house-ca" } } } as CredentialSpec;
  return csrRotator.bind("shop", spec, ports, signal);
}

async function request(rotator: BoundRotator): Promise<string> {
  const mark = { rotation: "r", attempt: "a", epoch: 1 };
  return (await rotator.issue?.(mark, [], signal))?.reference ?? "";
}

test("a service that signs gets the request and is asked until it has a certificate", async () => {
  const heard: unknown[] = [];
  let certificate: string | null = null;
  const rotator = await bind(
    signedAnswers(({ body }) => {
      heard.push(body);
      return { seconds: NOW, body: { credential: "shop", certificate } };
    }),
  );
  const wanted = await request(rotator);
  expect(await rotator.collect?.(wanted, signal)).toMatchObject({
    kind: "waiting",
    detail: expect.stringContaining("has no certificate for it yet"),
  });
  certificate = signed(wanted, NAMES);
  const found = await rotator.collect?.(wanted, signal);
  expect(found).toMatchObject({ kind: "ready" });
  expect(heard[0]).toEqual({
    apiVersion: "cre/v1",
    phase: "sign",
    credential: "shop",
    names: NAMES,
    request: wanted,
  });
});

describe("an answer that proves nothing is no certificate, and says what is wrong", () => {
  test.each<[string, Said, string]>([
    ["another credential", { body: { credential: "other", certificate: "x" } }, "does not speak of this"],
    ["another key", { key: "guessed", body: { credential: "shop", certificate: null } }, "signature"],
    ["another request's", { of: "v1=00", body: { credential: "shop", certificate: null } }, "signature"],
    [
      "an old one",
      { seconds: NOW - 400, body: { credential: "shop", certificate: null } },
      "clock is more than",
    ],
    ["no JSON", { body: "<html>" }, "does not speak of this"],
    ["a number", { body: { credential: "shop", certificate: 7 } }, "does not speak of this"],
    ["an error", { status: 503 }, "status 503"],
  ])("%s", async (_, said, why) => {
    const rotator = await bind(signedAnswers(() => ({ seconds: NOW, ...said })));
    const failed = rotator.collect?.(await request(rotator), signal);
    await expect(failed).rejects.toMatchObject({ code: "certificate-unanswered" });
    await expect(failed).rejects.toThrow(expect.objectContaining({ evidence: expect.stringMatching(why) }));
  });
});

test("a certificate for the key of another request is not taken", async () => {
  let certificate = "";
  const rotator = await bind(
    signedAnswers(() => ({ seconds: NOW, body: { credential: "shop", certificate } })),
  );
  certificate = AUTHORITY.issue(NAMES).certificate;
  expect(await rotator.collect?.(await request(rotator), signal)).toMatchObject({
    kind: "waiting",
    detail: expect.stringContaining("is of another key"),
  });
});
