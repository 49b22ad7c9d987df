import { setTimeout as pause } from "node:timers/promises";
import type { Beginning, ConsumerTally, HeldDelivery, Parts } from "./consumer-world.ts";

const PATIENCE = 120_000;

/** The application of the story, wherever it runs. */
export interface Consumer {
  /** Where it takes credentials, as the runner sees it. */
  readonly hook: string;
  /** `host:port` at which it serves its certificate, as the runner sees it. */
  readonly endpoint: string;
  begin(beginning: Beginning): Promise<void>;
  setAhead(seconds: number): Promise<void>;
  /** The next delivery of this phase waits; resolves when it has come. `go` lets it through. */
  hold(
    delivery: HeldDelivery,
  ): Promise<{ readonly come: () => Promise<void>; readonly go: () => Promise<void> }>;
  tally(): Promise<ConsumerTally>;
  /** The parts of a version that it was ever handed. */
  partsOf(credential: string, handle: string): Promise<Parts>;
}

/** `origin` is where its `/credentials` and `/control/` are. */
export function consumerAt(origin: string, endpoint: string): Consumer {
  const tell = async (action: string, body: object = {}): Promise<unknown> => {
    const answer = await fetch(`${origin}/control/${action}`, {
      method: "POST",
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!answer.ok) {
      throw new Error(`the application answers ${action} with ${answer.status}: ${await answer.text()}`);
    }
    return answer.json();
  };
  // `as`: our own application's answers, here and below.
  const tally = async (): Promise<ConsumerTally> => (await tell("tally")) as ConsumerTally;
  return {
    hook: `${origin}/credentials`,
    endpoint,
    begin: async (beginning) => void (await tell("begin", beginning)),
    setAhead: async (ahead) => void (await tell("clock", { ahead })),
    hold: async (delivery) => {
      await tell("hold", delivery);
      return {
        come: async () => {
          const until = Date.now() + PATIENCE;
          for (;;) {
            const { arrived } = (await tell("arrived")) as { arrived: boolean };
            if (arrived) return;
            if (Date.now() > until) throw new Error(`no ${delivery.phase} of ${delivery.credential} came`);
            await pause(20);
          }
        },
        go: async () => void (await tell("go")),
      };
    },
    tally,
    partsOf: async (credential, handle) => {
      const { versions } = await tally();
      const parts = versions[`${credential} ${handle}`];
      if (parts === undefined) throw new Error(`the application was never handed ${handle} of ${credential}`);
      return parts;
    },
  };
}
