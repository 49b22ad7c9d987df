import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ChannelSpec } from "../../core/documents/channel.ts";
import { CreError, EffectError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type {
  Alert,
  Channel,
  ChannelKind,
  ChannelPorts,
  Message,
  Recipient,
} from "../../core/ports/channel.ts";
import { messageOf, sampleAlerts } from "../../tools/sample-message.ts";
import { BAD_TEXTS, badMessage, hugeMessage } from "./bad-messages.ts";

/** Both clocks, in seconds. */
export const CHANNEL_TIME = 1_790_000_000;

/** What a service is made to do. */
export type Trouble =
  | "busy"
  | "failing"
  | "refusing"
  | "silent"
  | "slow"
  | "web-page"
  | "garbage"
  | "flood"
  | "closing";

/** One channel on a service that takes only what its vendor would. */
export interface ChannelBench {
  readonly channel: Channel;
  /** To whom a message is sent, where the channel needs to be told. */
  readonly recipient?: Recipient;
  /** Messages (or events) that the service took. */
  readonly taken: () => number;
  /** From now on; undefined: does its work again. */
  fail(trouble: Trouble | undefined): void;
  close(): Promise<void>;
}

export interface ChannelSuiteOptions {
  readonly troubles: readonly Trouble[];
}

/** What a channel gets in tests: secrets by name, files by path. */
function channelPorts(
  secrets: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): ChannelPorts {
  return {
    clock: { now: () => instantOf(CHANNEL_TIME) },
    secrets: {
      present: (reference) => "env" in reference && Object.hasOwn(secrets, reference.env),
      read: async (reference) => {
        const value = "env" in reference ? secrets[reference.env] : undefined;
        if (value === undefined) throw new CreError("secret-missing", "no such secret");
        return new Secret(value);
      },
    },
    progress: { warn: () => undefined },
    readFile: async (path) => {
      const text = files[path];
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
  };
}

/** Binds a channel `a` of these settings. */
export async function bindChannel(
  kind: ChannelKind,
  spec: ChannelSpec,
  secrets: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Channel> {
  return kind.bind("a", spec, channelPorts(secrets, files));
}

/** What a send rejects with; anything but an EffectError, or one that shows a canary, is a mistake. */
export async function sendFailure(
  channel: Channel,
  message: Message,
  recipient: Recipient | undefined,
  signal: AbortSignal = AbortSignal.timeout(20_000),
): Promise<EffectError> {
  const error: unknown = await channel.send(message, recipient, signal).then(
    () => new Error("it was sent"),
    (failure: unknown) => failure,
  );
  if (!(error instanceof EffectError)) throw error;
  expect(error.describe()).not.toMatch(/canary/i);
  expect(error.describe().length).toBeLessThan(1000);
  return error;
}

const SHORT = 150;

/**
 * What every channel promises (the contract on `Channel`): a message of any content fits the limits of its service
 * and is sent once, and a failure says whether anybody was told and whether to try again, with nothing secret in it.
 */
export function describeChannel(
  name: string,
  open: () => Promise<ChannelBench>,
  { troubles }: ChannelSuiteOptions,
): void {
  describe(`the channel ${name}`, () => {
    let bench: ChannelBench;
    const sample = messageOf(sampleAlerts());
    const send = async (message: Message) =>
      bench.channel.send(message, bench.recipient, AbortSignal.timeout(20_000));

    beforeAll(async () => {
      bench = await open();
    });
    afterEach(() => bench.fail(undefined));
    afterAll(async () => {
      await bench.channel.close();
      await bench.close();
    });

    test("its label shows no secret", () => {
      expect(bench.channel.label).toContain("127.0.0.1");
      expect(bench.channel.label).not.toMatch(/canary/i);
      expect(JSON.stringify(bench.channel)).not.toMatch(/canary/i);
    });

    test("tells a digest, an emergency at once, and a recovery", async () => {
      const before = bench.taken();
      const [emergency] = sampleAlerts();
      const [recovery] = sampleAlerts().slice(-1);
      if (emergency === undefined || recovery === undefined) throw new Error("no sample");
      await send(sample);
      await send(messageOf([emergency], { kind: "immediate", id: "now-1" }));
      await send({ ...messageOf([recovery], { id: "now-2" }), level: undefined });
      expect(bench.taken()).toBeGreaterThanOrEqual(before + 3);
    });

    test("a message without addresses, owner and date is told", async () => {
      const bare = {
        credential: undefined,
        service: undefined,
        team: undefined,
        dueAt: undefined,
        url: undefined,
      };
      const alerts = sampleAlerts().map((alert): Alert => Object.assign({}, alert, bare));
      await expect(send({ ...messageOf(alerts), url: undefined })).resolves.toBeUndefined();
    });

    test("50 long alerts and 10,000 more fit", async () => {
      await expect(send(hugeMessage())).resolves.toBeUndefined();
    });

    test.each(BAD_TEXTS.map((text) => [text.slice(0, 40), text] as const))(
      "takes no harm from %j",
      async (_, text) => {
        await expect(send(badMessage(text))).resolves.toBeUndefined();
      },
    );

    test.each(troubles.filter((trouble) => trouble === "busy"))(
      "%s (429): nobody was told, and the pause is told",
      async (trouble) => {
        bench.fail(trouble);
        const before = bench.taken();
        const error = await sendFailure(bench.channel, sample, bench.recipient);
        expect(error).toMatchObject({ outcome: "refused", retryable: true });
        expect(error.evidence).toContain("17 s");
        expect(bench.taken()).toBe(before);
      },
    );

    test.each(troubles.filter((trouble) => trouble === "failing"))(
      "%s (503): nobody knows, and another attempt may help",
      async (trouble) => {
        bench.fail(trouble);
        const error = await sendFailure(bench.channel, sample, bench.recipient);
        expect(error).toMatchObject({ outcome: "unknown", retryable: true });
        expect(error.evidence).toMatch(/503.*17 s/);
      },
    );

    test("a refusal: nobody was told, and trying again is in vain", async () => {
      bench.fail("refusing");
      const error = await sendFailure(bench.channel, sample, bench.recipient);
      expect(error).toMatchObject({ outcome: "refused", retryable: false });
      expect(error.fix).toMatch(/\w/);
    });

    test.each(troubles.filter((trouble) => trouble === "silent" || trouble === "slow"))(
      "a %s service ends with the signal",
      async (trouble) => {
        bench.fail(trouble);
        const began = performance.now();
        const error = await sendFailure(bench.channel, sample, bench.recipient, AbortSignal.timeout(SHORT));
        expect(performance.now() - began).toBeLessThan(5000);
        expect(error).toMatchObject({ outcome: "unknown", retryable: true });
        expect(error.evidence).toContain("within the time limit");
      },
    );

    test.each(troubles.filter((trouble) => ["web-page", "garbage", "flood", "closing"].includes(trouble)))(
      "%s for an answer is told, bounded, and is no success",
      async (trouble) => {
        bench.fail(trouble);
        const error = await sendFailure(bench.channel, sample, bench.recipient);
        expect(error.retryable).toBe(true);
        expect(error.evidence).toMatch(/\w/);
      },
    );

    test("interrupted before it begins, it tells nobody", async () => {
      const before = bench.taken();
      const error = await sendFailure(bench.channel, sample, bench.recipient, AbortSignal.abort());
      expect(error).toMatchObject({ outcome: "refused", retryable: true });
      expect(bench.taken()).toBe(before);
    });

    test("works again after trouble", async () => {
      bench.fail("closing");
      await sendFailure(bench.channel, sample, bench.recipient);
      bench.fail(undefined);
      await expect(send(sample)).resolves.toBeUndefined();
    });
  });
}
