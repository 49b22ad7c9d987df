import type { RequestListener } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { bindExternal, ROTATOR_TIME, startTokenPlatform } from "../../../testing/suites/external-bench.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";
import {
  bound,
  EFFECTS,
  FORMS,
  failure,
  fresh,
  issue,
  issueFailure,
  NOW,
  observed,
  old,
  right,
  server,
  TOKEN,
} from "../../../testing/suites/scripted-rotator.ts";
import { type Heard, type Said, signedAnswers } from "../../../testing/suites/signed-answers.ts";
import { listen } from "../../../testing/suites/webhook-bench.ts";

const { signal } = new AbortController();

test("right answers are taken, whatever else stands in them", async () => {
  const rotator = await server((heard) => ({ body: right(heard, { later: { versions: 7 }, more: null }) }));
  for (const effect of Object.values(EFFECTS)) await effect(rotator);
  expect(await rotator.observe(signal)).toEqual([{ ...observed, createdAt: "2026-01-01T00:00:00Z" }]);
  expect(await rotator.contain?.(observed, NOW, signal)).toEqual([
    { place: "sessions", dead: true, detail: "none left" },
  ]);
});

test("an interrupted run does not wait for a server that does not say what it can", async () => {
  const asked = new AbortController();
  const mute = await listen(() => asked.abort());
  onTestFinished(async () => mute.close());
  const url = `http://127.0.0.1:${mute.port}/rotate`;
  expect((await failure(bindExternal(url, { signal: asked.signal }))).evidence).toBe("it was interrupted");
});

test("a server is only asked for what it says that it can", async () => {
  const bare = { operations: ["observe", "issue"], parts: ["token"], slots: 2 };
  const rotator = await bound(signedAnswers((heard) => ({ body: right(heard, bare) })));
  const optional = ["inUse", "deactivate", "reactivate", "contain"] as const;
  expect(optional.filter((method) => rotator[method] !== undefined)).toEqual([]);
});

test("a server that changed what it can do is asked nothing more in this run", async () => {
  let parts = ["token"];
  const rotator = await bound(signedAnswers((heard) => ({ body: right(heard, { parts }) })));
  await rotator.preflight(signal);
  parts = ["token", "secret"];
  expect((await failure(rotator.preflight(signal))).code).toBe("external-changed");
});

test("a template that wants a part which the server has not is refused at preflight", async () => {
  const deliver = [
    { "env-file": { path: "/etc/orders/env", values: { A: "{token}", B: "{token:uri} {tokn}" } } },
  ];
  const rotator = await server((heard) => ({ body: right(heard) }), { deliver });
  expect(await failure(rotator.preflight(signal))).toMatchObject({
    code: "template-part-unknown",
    fix: "use {token}",
  });
});

describe("statuses", () => {
  test.each([400, 401, 403, 404, 405, 410, 413, 422, 451])("%i is refused", async (status) => {
    const rotator = await server(() => ({ status, body: "<html>canary-html</html>" }));
    expect(await issueFailure(rotator)).toMatchObject({ outcome: "refused", code: "external-refused" });
  });

  test.each([408, 409, 425, 429, 500, 502, 503, 599, 304])("%i is unknown", async (status) => {
    const rotator = await server(() => ({ status, body: status === 304 ? "" : {} }));
    expect((await issueFailure(rotator)).outcome).toBe("unknown");
  });

  test("throttling says what helps", async () => {
    const rotator = await server(() => ({ status: 429 }));
    expect(await issueFailure(rotator)).toMatchObject({
      code: "throttled",
      fix: expect.stringContaining("limits.concurrency"),
    });
  });

  test("a redirect is not followed", async () => {
    let requests = 0;
    const other = await listen((_, response) => {
      requests += 1;
      response.end();
    });
    onTestFinished(async () => other.close());
    const location = `http://127.0.0.1:${other.port}/canary`;
    const rotator = await server(() => ({ status: 307, headers: { location } }));
    expect(await issueFailure(rotator)).toMatchObject({ outcome: "unknown", code: "external-redirect" });
    expect(requests).toBe(0);
  });

  test("a signed refusal says why in the server's own words", async () => {
    const error = { code: "quota-reached", message: "three keys are the most", fix: "ask the platform team" };
    const rotator = await server(() => ({ status: 422, body: { error } }));
    expect(await issueFailure(rotator)).toMatchObject({
      outcome: "refused",
      code: "quota-reached",
      evidence: "it answered with the status 422 (quota-reached): three keys are the most",
      fix: "ask the platform team",
      retryable: false,
    });
  });

  test.each<[string, object, Said]>([
    ["is not signed", { code: "quota-reached", message: "not ours" }, { key: "canary-other" }],
    ["are too long", { message: "not ours ".repeat(50) }, {}],
    ["are not printable", { message: "not ours\n\u001b[31m", code: "Not-Ours" }, {}],
    ["are no text", { message: ["not ours"], code: 7, fix: { not: "ours" } }, {}],
    ["turn their direction", { message: "not ours \u202e", fix: "not ours \u2028" }, {}],
  ])("words that %s are left out", async (_, error, how) => {
    const rotator = await server(() => ({ status: 422, body: { error }, ...how }));
    const failed = await issueFailure(rotator);
    expect(failed.describe().toLowerCase()).not.toContain("not ours");
    expect(failed.code).toBe("external-refused");
  });

  test.each(FORMS)("words that hold a part are left out, as %s", async (form) => {
    const error = { code: form, message: `cannot store "${form}"`, fix: form };
    const parts = new Map([["token", new Secret(TOKEN)]]);
    const rotator = await server(() => ({ status: 422, body: { error } }));
    const sent = { handle: "h1", slot: "2", createdAt: NOW, parts };
    expect((await failure(rotator.verify(sent, signal))).code).toBe("external-refused");
    expect((await issueFailure(rotator)).code).toBe("external-refused");
  });

  test("words that hold the key are left out", async () => {
    const rotator = await server(() => ({ status: 500, body: { error: { message: "canary-rotator-key" } } }));
    expect((await issueFailure(rotator)).evidence).toBe("it answered with the status 500");
  });

  test("a key that the server does not have is named by its id, at once", async () => {
    const platform = await startTokenPlatform();
    onTestFinished(async () => platform.close());
    const error = await failure(bindExternal(platform.url, { keyId: "k7" }));
    expect(error.fix).toContain("k7");
  });

  test("clocks that are apart are told as what they may be", async () => {
    const platform = await startTokenPlatform({ clock: () => ROTATOR_TIME + 301 });
    onTestFinished(async () => platform.close());
    const error = await failure(bindExternal(platform.url));
    expect(error.fix).toContain("both clocks agree");
  });
});

describe("a 2xx answer", () => {
  test.each<[string, Said | ((heard: Heard) => Said)]>([
    ["signed with another key", { key: "canary-other" }],
    ["signed for another request", { of: `v1=${"0".repeat(64)}` }],
    ["with a timestamp 301 s old", { seconds: ROTATOR_TIME - 301 }],
    ["with a timestamp 301 s ahead", { seconds: ROTATOR_TIME + 301 }],
    ["that is a web page", { body: "<html>please log in</html>" }],
    ["that is empty", { body: "" }],
    ["that is a list", { body: [] }],
    ["that is null", { body: "null" }],
    ["about another object", (heard) => ({ body: right(heard, { object: "billing" }) })],
    ["to another operation", (heard) => ({ body: right(heard, { operation: "revoke" }) })],
    ["of another version", (heard) => ({ body: right(heard, { apiVersion: "cre/v2" }) })],
  ])("%s proves nothing", async (_, said) => {
    const rotator = await server((heard) => ({
      body: right(heard),
      ...(typeof said === "function" ? said(heard) : said),
    }));
    expect((await issueFailure(rotator)).outcome).toBe("unknown");
    expect((await failure(rotator.observe(signal))).code).toMatch(/^external-answer-/);
  });

  test("without a signature proves nothing", async () => {
    const rotator = await server((heard) => {
      heard.response.end(JSON.stringify(right(heard)));
      return undefined;
    });
    expect((await issueFailure(rotator)).code).toBe("external-answer-untrusted");
  });

  test("to the same question a moment before, sent again, proves nothing", async () => {
    const recorded: { said?: Said } = {};
    const rotator = await server((heard) => {
      recorded.said ??= { body: right(heard), of: heard.signature };
      return recorded.said;
    });
    await rotator.observe(signal);
    expect((await failure(rotator.observe(signal))).code).toBe("external-answer-untrusted");
  });

  test("signed 300 s off is accepted, with another 2xx too", async () => {
    const rotator = await server((heard) => ({
      body: right(heard),
      seconds: ROTATOR_TIME - 300,
      status: 202,
    }));
    expect(await rotator.observe(signal)).toHaveLength(1);
  });

  test("with words that hold a secret is taken without them", async () => {
    const use = { kind: "unknown", detail: `no right, tried ${TOKEN}` };
    const versions = [{ ...old, note: TOKEN }, fresh];
    const rotator = await server((heard) => ({ body: right(heard, { use, versions }) }));
    await issue(rotator);
    expect((await rotator.observe(signal))[0]).not.toHaveProperty("note");
    expect(await rotator.inUse?.(observed, NOW, signal)).toMatchObject({
      detail: "(not shown: too long, not printable, or it holds a secret)",
    });
  });

  test("whose headers or parts carry names of every object is read as what it says", async () => {
    const body = (heard: Heard): string =>
      JSON.stringify(right(heard)).replace('"parts":{', '"parts":{"__proto__":"x","constructor":"y",');
    const rotator = await server((heard) => ({ body: body(heard) }));
    const made = await rotator.issue?.(markOf("a1", 2), [observed], signal);
    expect([...(made?.parts.keys() ?? [])]).toEqual(["token"]);
  });
});

describe("verify", () => {
  const sent = {
    handle: "h1",
    slot: "2",
    createdAt: NOW,
    parts: new Map([["token", new Secret(TOKEN)]]),
  };

  test("waits for a platform that learns of the version a little later", async () => {
    let refusals = 2;
    let pauses = 0;
    const rotator = await server(
      (heard) => {
        refusals -= 1;
        return { body: right(heard, { accepted: refusals < 0, detail: "not yet" }) };
      },
      { onPause: () => (pauses += 1) },
    );
    await rotator.verify(sent, signal);
    expect(pauses).toBe(2);
  });

  test("ends with the server's words", async () => {
    const rotator = await server((heard) => ({
      body: right(heard, { accepted: false, detail: "no such key" }),
    }));
    expect(await failure(rotator.verify(sent, signal))).toMatchObject({
      code: "verify-refused",
      evidence: "no such key",
    });
  });

  test("with too many parts is refused before anything is sent", async () => {
    let requests = 0;
    const rotator = await server((heard) => {
      requests += 1;
      return { body: right(heard) };
    });
    const parts = new Map([["token", new Secret("x".repeat(300_000))]]);
    expect((await failure(rotator.verify({ ...sent, parts }, signal))).code).toBe("external-too-large");
    expect(requests).toBe(0);
  });
});

describe("no answer", () => {
  test("within the limit is unknown, and what was accepted shows at the next look", async () => {
    const platform = await startTokenPlatform();
    onTestFinished(async () => platform.close());
    let mute = false;
    const slow = await listen((request, response) => {
      // Passes everything on, and keeps the answers to itself.
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { "content-length": _, connection: __, ...headers } = request.headers;
        const target = new URL(request.url ?? "", platform.url);
        // `as`: what the product sends comes once each.
        const init = {
          method: "POST",
          headers: headers as Record<string, string>,
          body: Buffer.concat(chunks),
        };
        const passed = fetch(target, init).then(async (answer) => {
          const text = await answer.text();
          if (!mute) response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
        });
        passed.catch(() => response.destroy());
      });
    });
    onTestFinished(async () => slow.close());
    await platform.service.createByHand("orders");
    const rotator = await bindExternal(`http://127.0.0.1:${slow.port}/rotate`, { limitSeconds: 0.3 });
    const [before] = await rotator.observe(signal);
    if (before === undefined) throw new Error("nothing there");
    mute = true;
    expect(await issueFailure(rotator)).toMatchObject({
      outcome: "unknown",
      evidence: "nothing came within the time limit",
    });
    mute = false;
    const after = await rotator.observe(signal);
    expect(after.map(({ mark }) => mark?.attempt)).toEqual([undefined, "a1"]);
    expect(await issueFailure(rotator)).toMatchObject({ outcome: "unknown", code: "already-issued" });
    expect(await rotator.observe(signal)).toEqual(after);
  });

  test.each<[string, RequestListener]>([
    ["the connection is cut before it", (request) => void request.socket.destroy()],
    [
      "it drips",
      (request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(" "), 5);
        request.on("close", () => clearInterval(drip));
      },
    ],
    ["it is larger than 256 KiB", (_, response) => void response.end("canary-".repeat(40_000))],
    ["it is no HTTP", (request) => void request.socket.end("canary-nonsense\r\n\r\n")],
  ])("when %s is unknown", async (_, listener) => {
    const passOn = ({ request, response }: Heard): undefined => {
      listener(request, response);
      return undefined;
    };
    const rotator = await server(passOn, { limitSeconds: 0.3 });
    expect((await issueFailure(rotator)).outcome).toBe("unknown");
  });

  test("because the run is interrupted while it waits is unknown", async () => {
    const interrupted = new AbortController();
    const rotator = await server(() => {
      interrupted.abort();
      return undefined;
    });
    const error = await failure(rotator.issue?.(markOf("a1", 2), [], interrupted.signal));
    expect(error).toMatchObject({ outcome: "unknown", evidence: "it was interrupted" });
  });

  test("because nobody listens any more is refused: nothing was sent", async () => {
    const peer = await listen(signedAnswers((heard) => ({ body: right(heard) })));
    const rotator = await bindExternal(`http://127.0.0.1:${peer.port}/rotate`);
    await peer.close();
    expect(await issueFailure(rotator)).toMatchObject({ outcome: "refused", evidence: "ECONNREFUSED" });
  });

  test("from a server with another certificate is unknown, and nothing is sent", async () => {
    const [ours, other] = [createAuthority(), createAuthority()];
    const platform = await startTokenPlatform({ certificate: other.issue(["127.0.0.1"]) });
    onTestFinished(async () => platform.close());
    const error = await failure(bindExternal(platform.url, { ca: ours.ca }));
    expect(error.fix).toContain("certificate");
    expect(platform.lines).toEqual([]);
  });
});
