import { createEmulator, type Emulator } from "emulate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hugeMessage } from "../../../testing/suites/bad-messages.ts";
import { bindChannel, sendFailure } from "../../../testing/suites/channel-suite.ts";
import { messageOf, sampleAlerts } from "../../../tools/sample-message.ts";
import { slackChannel } from "./channel.ts";

const TOKEN = "xoxb-canary-emulated";
const sample = messageOf(sampleAlerts());

/** A Slack that others wrote: what our own sink takes, it must take as well. */
let emulator: Emulator;

beforeAll(async () => {
  emulator = await createEmulator({
    service: "slack",
    port: 0,
    seed: {
      tokens: { [TOKEN]: { login: "developer", scopes: ["chat:write"] } },
      slack: {
        team: { name: "Acme", domain: "acme" },
        users: [{ name: "developer", real_name: "Developer", email: "dev@example.com" }],
        channels: [{ name: "general" }, { name: "payments" }],
      },
    },
  });
});

afterAll(async () => {
  await emulator.close();
});

const bot = async () =>
  bindChannel(slackChannel, { slack: { token: { env: "T" }, url: `${emulator.url}/api` } }, { T: TOKEN });

test("a bot posts to the channel of a team, also what is large", async () => {
  const channel = await bot();
  for (const message of [sample, hugeMessage()]) {
    await expect(
      channel.send(message, { slack: "payments" }, AbortSignal.timeout(20_000)),
    ).resolves.toBeUndefined();
  }
});

test("a channel that is not there is told", async () => {
  expect(await sendFailure(await bot(), sample, { slack: "#nowhere" })).toMatchObject({
    outcome: "refused",
    retryable: false,
    evidence: "it says: channel_not_found",
  });
});
