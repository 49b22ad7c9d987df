import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../core/model/secret.ts";
import { createAuthority } from "../../testing/services/certificates.ts";
import type { SinkAnswer, SinkRequest } from "../../testing/services/chat/json-sink.ts";
import { openJsonSink } from "../../testing/services/chat/json-sink.ts";
import { wrongFor } from "../../testing/services/chat/vendor-limits.ts";
import { jsonBench } from "../../testing/suites/channel-benches.ts";
import {
  bindChannel,
  CHANNEL_TIME,
  describeChannel,
  sendFailure,
  type Trouble,
} from "../../testing/suites/channel-suite.ts";
import { messageOf, sampleAlerts } from "../../tools/sample-message.ts";
import { requestSignature } from "../clients/signed-http/signature.ts";
import { discordChannel } from "./discord/channel.ts";
import { pagerdutyChannel } from "./pagerduty/channel.ts";
import { slackChannel } from "./slack/channel.ts";
import { teamsChannel } from "./teams/channel.ts";
import { webhookChannel } from "./webhook/channel.ts";

const TROUBLES: readonly Trouble[] = [
  ...(["busy", "failing", "refusing", "silent", "slow", "web-page", "garbage", "flood", "closing"] as const),
];
const PIECE = "canary-T0123456789";
const ROUTING_KEY = "canary0123456789canary0123456789";
const TOKEN = "xoxb-canary-0123456789";
const sample = messageOf(sampleAlerts());

/** Takes what the vendor would at the secret path, and nothing else. */
function vendor(service: Parameters<typeof wrongFor>[0], path: string, success: SinkAnswer) {
  return (request: SinkRequest): SinkAnswer => {
    if (request.path !== path) return { status: 404, body: "no_service" };
    const wrong = wrongFor(service, request.body);
    return wrong === undefined ? success : { status: 400, body: wrong };
  };
}

const slackWebhook = async () =>
  jsonBench(
    slackChannel,
    vendor("slack", `/services/T0/B0/${PIECE}`, { status: 200, body: "ok" }),
    (origin) => ({
      spec: { slack: { webhook: { env: "SLACK" } } },
      secrets: { SLACK: `${origin}/services/T0/B0/${PIECE}\n` },
    }),
  );

const slackApi = (request: SinkRequest): SinkAnswer => {
  const say = (body: object) => ({ status: 200, body: JSON.stringify(body) });
  if (request.path !== "/api/chat.postMessage") return say({ ok: false, error: "unknown_method" });
  if (request.headers["authorization"] !== `Bearer ${TOKEN}`) {
    return say({ ok: false, error: "invalid_auth" });
  }
  // The sink looks at what stands there.
  const { channel } = request.json as { channel?: string };
  if (channel !== "#payments") return say({ ok: false, error: "channel_not_found" });
  const wrong = wrongFor("slack", request.body);
  return say(wrong === undefined ? { ok: true, ts: "1" } : { ok: false, error: "invalid_blocks" });
};
const slackBot = async () =>
  jsonBench(
    slackChannel,
    slackApi,
    (origin) => ({
      spec: { slack: { token: { env: "TOKEN" }, url: `${origin}/api` } },
      secrets: { TOKEN },
    }),
    { slack: "#payments" },
  );

const discord = async () =>
  jsonBench(
    discordChannel,
    vendor("discord", `/api/webhooks/1/${PIECE}?wait=true`, { status: 200, body: '{"id":"1"}' }),
    (origin) => ({
      spec: { discord: { webhook: { env: "DISCORD" } } },
      secrets: { DISCORD: `${origin}/api/webhooks/1/${PIECE}` },
    }),
  );

const teams = async () =>
  jsonBench(
    teamsChannel,
    vendor("teams", `/workflows/${PIECE}?sig=${PIECE}`, { status: 202, body: "" }),
    (origin) => ({
      spec: { teams: { webhook: { env: "TEAMS" } } },
      secrets: { TEAMS: `${origin}/workflows/${PIECE}?sig=${PIECE}` },
    }),
  );

const published = new Ajv2020({ strict: false }).compile(
  JSON.parse(
    readFileSync(new URL("../../../registry/schema/alert.schema.json", import.meta.url), "utf8"),
  ) as object, // a schema
);
const KEY = { id: "k1", secret: new Secret("canary-key") };
const webhook = async () =>
  jsonBench(
    webhookChannel,
    ({ path, headers, body, json }) => {
      const expected = requestSignature(KEY, headers["cre-timestamp"] ?? "", "POST", path, body);
      if (headers["cre-signature"] !== expected || headers["cre-key-id"] !== "k1") {
        return { status: 401, body: "" };
      }
      if (headers["cre-timestamp"] !== String(CHANNEL_TIME)) return { status: 401, body: "clock" };
      if (headers["idempotency-key"] === undefined) return { status: 400, body: "no key" };
      return published(json) ? { status: 204, body: "" } : { status: 400, body: "no alert" };
    },
    (origin) => ({
      spec: { webhook: { url: `${origin}/alerts?team=a`, key: { id: "k1", secret: { env: "KEY" } } } },
      secrets: { KEY: "canary-key" },
    }),
  );

const pagerduty = async () =>
  jsonBench(
    pagerdutyChannel,
    vendor("pagerduty", "/v2/enqueue", { status: 202, body: '{"status":"success"}' }),
    (origin) => ({
      spec: { pagerduty: { routingKey: { env: "PD" }, url: origin } },
      secrets: { PD: ROUTING_KEY },
    }),
  );

describeChannel("slack (incoming webhook)", slackWebhook, { troubles: TROUBLES });
describeChannel("slack (bot)", slackBot, { troubles: TROUBLES });
describeChannel("discord", discord, { troubles: TROUBLES });
describeChannel("teams", teams, { troubles: TROUBLES });
describeChannel("webhook", webhook, { troubles: TROUBLES });
describeChannel("pagerduty", pagerduty, { troubles: TROUBLES });

describe("slack", () => {
  test("a bot reaches the channel of a team, and only where it has none of its own", async () => {
    const secrets = { TOKEN };
    const forOwners = await bindChannel(slackChannel, { slack: { token: { env: "TOKEN" } } }, secrets);
    const fixed = await bindChannel(
      slackChannel,
      { slack: { token: { env: "TOKEN" }, channel: "#sec" } },
      secrets,
    );
    expect([forOwners, fixed].map((one) => one.reaches({ slack: "#payments" }))).toEqual([true, false]);
    expect(forOwners.reaches({ mail: "a@b.example" })).toBe(false);
    expect([forOwners.label, fixed.label]).toEqual([
      "slack (slack.com) of the owner",
      "slack (slack.com) #sec",
    ]);
  });

  test.each([
    ["not_in_channel", "refused", false, "invite the bot"],
    ["invalid_auth", "refused", false, "new token"],
    ["ratelimited", "refused", true, "documentation"],
    ["internal_error", "unknown", true, "documentation"],
    ["<b>canary</b>", "refused", false, "documentation"],
  ] as const)("the answer %s with a status of success is %s", async (error, outcome, retryable, fix) => {
    const bench = await jsonBench(
      slackChannel,
      () => ({ status: 200, body: JSON.stringify({ ok: false, error }) }),
      (origin) => ({ spec: { slack: { token: { env: "TOKEN" }, url: origin } }, secrets: { TOKEN } }),
      { slack: "#payments" },
    );
    const failure = await sendFailure(bench.channel, sample, bench.recipient);
    expect(failure).toMatchObject({ outcome, retryable, fix: expect.stringContaining(fix) });
    await bench.close();
  });

  test("a message to no channel is not sent", async () => {
    const bench = await slackBot();
    expect(await sendFailure(bench.channel, sample, undefined)).toMatchObject({
      code: "channel-without-place",
    });
    expect(bench.sink.count()).toBe(0);
    await bench.close();
  });
});

describe("pagerduty", () => {
  test("an alert opens, is answered and closes by one key that has the place in it", async () => {
    const bench = await pagerduty();
    const [alert] = sampleAlerts();
    if (alert === undefined) throw new Error("no sample");
    for (const occasion of ["new", "answered", "recovered"] as const) {
      await bench.channel.send(messageOf([{ ...alert, occasion }]), undefined, AbortSignal.timeout(20_000));
    }
    await bench.channel.send(
      messageOf([alert], { place: "acme/other" }),
      undefined,
      AbortSignal.timeout(20_000),
    );
    // The sink has looked at the form.
    const events = bench.sink.taken.map(({ json }) => json as { event_action: string; dedup_key: string });
    expect(events.map(({ event_action, dedup_key }) => [event_action, dedup_key])).toEqual([
      ["trigger", "acme/credentials/0b54f2c9d1a7e386"],
      ["acknowledge", "acme/credentials/0b54f2c9d1a7e386"],
      ["resolve", "acme/credentials/0b54f2c9d1a7e386"],
      ["trigger", "acme/other/0b54f2c9d1a7e386"],
    ]);
    await bench.close();
  });

  test("a failure after the first of several events is no refusal any more", async () => {
    let count = 0;
    const bench = await jsonBench(
      pagerdutyChannel,
      () =>
        (count += 1) === 1
          ? { status: 202, body: "" }
          : { status: 429, body: "", headers: { "retry-after": "5" } },
      (origin) => ({
        spec: { pagerduty: { routingKey: { env: "PD" }, url: origin } },
        secrets: { PD: ROUTING_KEY },
      }),
    );
    expect(await sendFailure(bench.channel, sample, undefined)).toMatchObject({
      outcome: "unknown",
      retryable: true,
    });
    await bench.close();
  });
});

test("the webhook has the id of the message, which stays the same", async () => {
  const bench = await webhook();
  await bench.channel.send(sample, undefined, AbortSignal.timeout(20_000));
  await bench.channel.send(sample, undefined, AbortSignal.timeout(20_000));
  expect(bench.sink.taken.map(({ headers }) => headers["idempotency-key"])).toEqual([sample.id, sample.id]);
  await bench.close();
});

test("a redirect is not followed, and not tried again", async () => {
  const bench = await slackWebhook();
  bench.sink.fail("redirecting");
  const error = await sendFailure(bench.channel, sample, undefined);
  expect(error).toMatchObject({ code: "channel-redirect", retryable: false });
  expect(bench.sink.count()).toBe(1);
  await bench.close();
});

test("nobody listens: nobody was told", async () => {
  const bench = await teams();
  await bench.close();
  const error = await sendFailure(bench.channel, sample, undefined);
  expect(error).toMatchObject({ outcome: "refused", retryable: true, evidence: "ECONNREFUSED" });
});

test.each([
  "http://hooks.example.com/canary",
  "canary",
  "https://canary:x@hooks.example.com/",
  "http://localhost:x@canary.example/",
])("the address %s is refused without showing it", async (address) => {
  const bound = bindChannel(slackChannel, { slack: { webhook: { env: "SLACK" } } }, { SLACK: address });
  await expect(bound).rejects.toThrow(/^the variable SLACK holds no https address((?!canary).)*$/);
});

describe("TLS", () => {
  const authority = createAuthority();
  let sink: Awaited<ReturnType<typeof openJsonSink>>;

  beforeAll(async () => {
    sink = await openJsonSink(() => ({ status: 200, body: "" }), authority.issue(["127.0.0.1"]));
  });
  afterAll(async () => sink.close());

  test("a CA of the repository is trusted, and no other", async () => {
    const spec = { webhook: { url: `${sink.origin}/a`, ca: "certs/a.pem" } };
    const good = await bindChannel(webhookChannel, spec, {}, { "certs/a.pem": authority.ca });
    await expect(good.send(sample, undefined, AbortSignal.timeout(20_000))).resolves.toBeUndefined();
    const bad = await bindChannel(webhookChannel, spec, {}, { "certs/a.pem": createAuthority().ca });
    const error = await sendFailure(bad, sample, undefined);
    expect(error).toMatchObject({ outcome: "refused", fix: expect.stringContaining("certificate") });
    expect(sink.taken).toHaveLength(1);
  });

  test("a CA that is not in the repository is told", async () => {
    const spec = { webhook: { url: `${sink.origin}/a`, ca: "certs/a.pem" } };
    await expect(bindChannel(webhookChannel, spec)).rejects.toThrow(
      /certs\/a.pem, which is not in the repository/,
    );
  });
});
