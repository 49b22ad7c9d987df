import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createReceiver } from "../../../../examples/webhook-receiver/receiver.ts";
import { consignmentOf, partsOf, staging } from "../../../testing/suites/sample-consignment.ts";
import { bindHook, HOOK_KEY, HOOK_TIME, listen } from "../../../testing/suites/webhook-bench.ts";

const EXAMPLE = new URL("../../../../examples/webhook-receiver/main.ts", import.meta.url).pathname;
const BENCH = new URL("../../../testing/suites/webhook-bench.ts", import.meta.url).href;
const { signal } = new AbortController();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-hook-"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** The example as its README starts it. */
async function startExample() {
  const child = spawn(process.execPath, [EXAMPLE], {
    env: { HOOK_KEY: HOOK_KEY.secret, PORT: "0", STATE_FILE: join(folder, "state.json") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(String(chunk)));
  while (!said.join("").includes("\n")) await once(child.stdout, "data");
  const [url = ""] = /http:\S+/.exec(said.join("")) ?? [];
  return {
    target: staging(await bindHook(url, { seconds: Math.floor(Date.now() / 1000) })),
    said,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

test("the example runs, keeps what it was given through a restart, and never says it", async () => {
  const first = await startExample();
  await first.target.stage(consignmentOf("a1"), partsOf("a1"), signal);
  await first.target.promote(consignmentOf("a1"), signal);
  await first.target.stage(consignmentOf("a2"), partsOf("a2"), signal);
  await first.stop();
  const second = await startExample();
  expect(await second.target.holds(signal)).toEqual({ current: "a1", pending: "a2" });
  await second.target.promote(consignmentOf("a2"), signal);
  await second.stop();
  expect(first.said.join("") + second.said.join("")).not.toContain("canary-");
  expect(first.said.join("")).toContain("orders-db: now using orders_a1");
  expect((await stat(join(folder, "state.json"))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, "state.json"), "utf8")).toContain("canary-a2");
});

test("no proxy of the environment gets a request", async () => {
  const receiver = await createReceiver({
    keys: new Map([[HOOK_KEY.id, HOOK_KEY.secret]]),
    clock: () => HOOK_TIME * 1000,
  });
  const hook = await listen(receiver.handle);
  let proxied = 0;
  const proxy = await listen((_, response) => {
    proxied += 1;
    response.writeHead(502).end();
  });
  const proxyUrl = `http://127.0.0.1:${proxy.port}`;
  const script = `
    import { bindHook } from ${JSON.stringify(BENCH)};
    const hook = await bindHook("http://127.0.0.1:${hook.port}/credentials");
    await hook.preflight(AbortSignal.timeout(20_000));
    process.stdout.write("answered");`;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", script],
      {
        env: {
          NODE_USE_ENV_PROXY: "1",
          HTTP_PROXY: proxyUrl,
          HTTPS_PROXY: proxyUrl,
          http_proxy: proxyUrl,
          NO_PROXY: "",
        },
      },
    );
    expect(stdout).toBe("answered");
    expect(proxied).toBe(0);
  } finally {
    await hook.close();
    await proxy.close();
  }
});
