import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BoundRotator } from "../../../core/ports/rotator.ts";
import { bindExternal, ROTATOR_KEY } from "../../../testing/suites/external-bench.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";

const EXAMPLE = new URL("../../../../examples/external-rotator/main.ts", import.meta.url).pathname;
const { signal } = new AbortController();
let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-rotator-"));
});
afterEach(async () => {
  await kill();
  await rm(folder, { recursive: true, force: true });
});

const settings = (): NodeJS.ProcessEnv => ({
  ROTATOR_KEY: ROTATOR_KEY.secret,
  PORT: "0",
  STATE_FILE: join(folder, "tokens.json"),
});

async function tokenByHand(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, "token", "orders"], {
    env: settings(),
  });
  const [, token = ""] = stdout.trim().split(" ");
  return token;
}

interface Running {
  readonly rotator: BoundRotator;
  readonly said: readonly string[];
  logIn(token: string): Promise<boolean>;
}

/** The example as its README starts it. */
async function start(): Promise<Running> {
  const started = spawn(process.execPath, [EXAMPLE], {
    env: settings(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = started;
  const { stdout } = started;
  const said: string[] = [];
  stdout.on("data", (chunk: Buffer) => said.push(String(chunk)));
  while (!said.join("").includes("\n")) await once(stdout, "data");
  const [url = ""] = /http:\S+/.exec(said.join("")) ?? [];
  return {
    rotator: await bindExternal(url, { clock: () => Math.floor(Date.now() / 1000) }),
    said,
    logIn: async (token) => {
      const headers = { authorization: `Bearer ${token}`, connection: "close" };
      return (await fetch(new URL("/whoami", url), { headers })).ok;
    },
  };
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

test("killed at any moment the example says afterwards what is true, and nothing of it is lost", async () => {
  const old = await tokenByHand();
  let running = await start();
  const [first] = await running.rotator.observe(signal);
  if (first === undefined) throw new Error("no token");
  await running.rotator.adopt(first, markOf("a0"), signal);
  for (const [at, milliseconds] of [0, 2, 8].entries()) {
    const mark = markOf(`a${at + 1}`, at + 1);
    const effect = running.rotator.issue?.(mark, [first], signal).catch(() => undefined);
    await setTimeout(milliseconds);
    await kill();
    const issued = await effect;
    running = await start();
    const versions = await running.rotator.observe(signal);
    const made = versions.find((version) => version.mark?.attempt === mark.attempt);
    // What was answered is there; what is there and was not answered has its mark, so that it can be removed.
    expect(versions).toHaveLength(made === undefined ? 1 : 2);
    expect([undefined, made?.handle]).toContain(issued?.handle);
    if (issued !== undefined) await running.rotator.verify(issued, signal);
    if (made !== undefined) {
      await running.rotator.revoke(made, { expected: made.mark, next: mark }, signal);
    }
    expect(await running.logIn(old)).toBe(true);
  }
  expect((await readdir(folder)).filter((name) => name === "tokens.json")).toHaveLength(1);
});

test("the example ends at once when it is asked to, and says no secret", async () => {
  await tokenByHand();
  const running = await start();
  const { rotator, said } = running;
  const issued = await rotator.issue?.(markOf("a1", 2), [], signal);
  const token = issued?.parts.get("token")?.reveal() ?? "";
  expect(await running.logIn(token)).toBe(true);
  if (child === undefined) throw new Error("not started");
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  expect(said.join("")).toContain("issue of orders for orders-api-key: done");
  expect(said.join("")).not.toContain(token);
});
