import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createReceiver, type Receiver } from "../../../../examples/webhook-receiver/receiver.ts";
import type { Parts, Phase, Target, TargetContext } from "./target.ts";
import { type Passing, startTargetFront } from "./target-front.ts";

const KEY = "a-key-for-the-conformance-suite";

/** An application with the reference receiver. */
export async function openWebhookTarget({ name, first, clock, seen }: TargetContext): Promise<Target> {
  const start = async (key: string, parts: Parts): Promise<Receiver> =>
    createReceiver({ keys: new Map([["k1", key]]), clock, initial: { [name]: parts } });
  const own = await start(KEY, first);
  let receiver = own;
  const server = createServer((request, response) => receiver.handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const front = await startTargetFront(`http://127.0.0.1:${port}`, {
    phaseOf,
    refusal: { status: 403, body: "{}" },
    error: { status: 500, body: "{}" },
  });
  front.touch = ({ body }) => {
    const secret = body === "" ? undefined : JSON.parse(body).parts?.secretAccessKey;
    if (typeof secret === "string") seen.add(secret);
  };
  const held = () => receiver.credentials(name);
  return {
    kind: "webhook",
    mentioned: `webhook ${name}-hook`,
    entry: `webhook: { connection: ${name}-hook }`,
    connections: {
      [`${name}-hook`]: `webhook: { url: "${front.url}/credentials", key: { id: k1, secret: { env: HOOK_KEY } } }`,
    },
    secrets: { HOOK_KEY: KEY },
    current: async () => held().current?.parts ?? {},
    attempts: async () => ({
      current: held().current?.attempt ?? undefined,
      pending: held().pending?.attempt ?? undefined,
    }),
    disturb: (how) => {
      front.disturbance = how;
    },
    disturbed: () => front.disturbed,
    // It is started anew and has forgotten all but what it was installed with.
    putBack: async (before) => {
      receiver = await start(KEY, before);
    },
    spoil: async (how) => {
      if (how !== "another key") throw new Error(`no way to spoil a webhook: ${how}`);
      receiver = await start("a-key-that-nobody-told-the-runner", first);
    },
    mend: async () => {
      receiver = own;
    },
    stop: async () => {
      await front.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function phaseOf({ method, body }: Passing): Phase | undefined {
  // `as`: written by the product.
  return method === "POST" ? (JSON.parse(body) as { phase: Phase }).phase : undefined;
}
