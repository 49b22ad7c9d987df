import { createHash, createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionSpec } from "../../core/documents/connection.ts";
import { listen } from "./webhook-bench.ts";

/** A server that changes a zone for whoever asks in the words of the product's challenge hooks. */
export interface ZoneServer {
  /** What a webhook connection to it says. */
  readonly connection: ConnectionSpec;
  readonly secrets: Readonly<Record<string, string>>;
  /** A command that asks it. */
  readonly command: readonly string[];
  /** Every message that it was sent. */
  readonly heard: readonly Readonly<Record<string, unknown>>[];
  /** TXT records by name, as they are now. */
  readonly records: ReadonlyMap<string, readonly string[]>;
  /** How often it says that a record is spreading still. */
  spreads(times: number): void;
  /** In place of its answers. */
  says(answer: { readonly status?: number; readonly body?: unknown } | undefined): void;
  close(): Promise<void>;
}

const KEY = "the-key-of-a-zone-server";
const SCRIPT = `
let text = "";
for await (const chunk of process.stdin) text += chunk;
const answer = await fetch(process.argv[2], { method: "POST", body: text });
process.stdout.write(await answer.text());
process.exitCode = answer.ok ? 0 : 1;
`;

interface HookAnswer {
  readonly record: string;
  readonly value: string;
}

/** Starts one; `tell` makes what it has known to a CA. */
export async function startZoneServer(
  tell: (name: string, values: readonly string[]) => Promise<void>,
): Promise<ZoneServer> {
  const records = new Map<string, readonly string[]>();
  const heard: Record<string, unknown>[] = [];
  const state: { spreading: number; said: { status?: number; body?: unknown } | undefined } = {
    spreading: 0,
    said: undefined,
  };
  const stateAfter = async (body: Readonly<Record<string, unknown>>): Promise<string> => {
    const phase = String(body["phase"]);
    // `as`: written by the product.
    for (const { record, value } of body["answers"] as HookAnswer[]) {
      const others = (records.get(record) ?? []).filter((one) => one !== value);
      const values = phase === "challenge-put" ? [...others, value] : others;
      if (values.length === 0) records.delete(record);
      else records.set(record, values);
      await tell(record, values);
    }
    if (phase === "challenge-ask") return "ready";
    if (phase === "challenge-drop") return "gone";
    state.spreading -= 1;
    return state.spreading >= 0 ? "spreading" : "visible";
  };
  const server = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      // `as`: the product sends an object.
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      heard.push(body);
      const own = async () => ({
        status: 200,
        body: { credential: body["credential"], state: await stateAfter(body) },
      });
      const answer = state.said === undefined ? own() : Promise.resolve(state.said);
      answer
        .then(({ status = 200, body: said = {} }) => {
          const text = JSON.stringify(said);
          const seconds = String(Math.floor(Date.now() / 1000));
          const hash = createHash("sha256").update(text).digest("hex");
          const mac = createHmac("sha256", KEY).update(
            `${seconds}.${String(request.headers["cre-signature"])}.${hash}`,
          );
          response
            .writeHead(status, { "CRE-Timestamp": seconds, "CRE-Signature": `v1=${mac.digest("hex")}` })
            .end(text);
        })
        .catch(() => response.destroy());
    });
  });
  const folder = await mkdtemp(join(tmpdir(), "cre-zone-"));
  await writeFile(join(folder, "hook.mjs"), SCRIPT);
  const url = `http://127.0.0.1:${server.port}/zone`;
  return {
    connection: { webhook: { url, key: { id: "k1", secret: { env: "ZONE_KEY" } } } },
    secrets: { ZONE_KEY: KEY },
    command: [process.execPath, join(folder, "hook.mjs"), url],
    heard,
    records,
    spreads: (times) => {
      state.spreading = times;
    },
    says: (answer) => {
      state.said = answer;
    },
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
