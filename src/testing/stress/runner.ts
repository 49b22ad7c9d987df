// A runner in a process of its own, told by its parent what befalls it: node runner.ts '{"repo": …, "start": …}'
import { execFileSync } from "node:child_process";
import { readFileSync, writeSync } from "node:fs";
import { openPorts } from "../../app/acting/open-ports.ts";
import { CreError } from "../../core/model/errors.ts";
import { type Instant, instantOf } from "../../core/model/instant.ts";
import type { Clock } from "../../core/ports/runtime.ts";
import { run } from "../../runner/run.ts";
import { withFailpoints } from "../conformance/failpoints.ts";
import { clockFrom } from "../conformance/virtual-clock.ts";
import type { RunnerOrder, Said } from "./runner-process.ts";

const order: RunnerOrder = JSON.parse(process.argv[2] ?? "{}");
const { signal } = new AbortController();

function tell(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`);
}

/** A clock that all processes share and their parent moves on: milliseconds beyond this machine's, in a file. */
function sharedClock(path: string): Clock {
  return { now: () => instantOf((Date.now() + Number(readFileSync(path, "utf8"))) / 1000) };
}

const points = new Map<string, number>();
function befall(call: string, side: string): void {
  const point = `${side} ${call}`;
  points.set(point, (points.get(point) ?? 0) + 1);
  if (order.fate?.point !== point || order.fate.nth !== points.get(point)) return;
  tell({ kind: "fate", point });
  const { what } = order.fate;
  if (typeof what === "string") process.kill(process.pid, what);
  else execFileSync(what[0] ?? "true", what.slice(1), { stdio: "ignore" });
}

try {
  const context = {
    repo: order.repo,
    progress: { step: () => undefined, warn: (text: string) => tell({ kind: "warning", text }) },
    signal,
    env: process.env,
    actor: "stress",
  };
  const clock =
    "start" in order.clock ? clockFrom(order.clock.start as Instant) : sharedClock(order.clock.file);
  const ports = await openPorts(context, { clock });
  const { store } = ports;
  const watchedStore = new Proxy(store, {
    get: (target, key) => {
      if (key !== "publish") {
        const member: unknown = Reflect.get(target, key);
        return typeof member === "function" ? member.bind(target) : member;
      }
      return async (...args: Parameters<typeof store.publish>) => {
        const started = performance.now();
        const outcome = await store.publish(...args);
        const milliseconds = Math.round(performance.now() - started);
        const commit = outcome.outcome === "accepted" ? outcome.commit : undefined;
        tell({ kind: "push", milliseconds, ...(commit === undefined ? {} : { commit }) });
        return outcome;
      };
    },
  });
  const watched = withFailpoints({ ...ports, store: watchedStore }, (call, side, credential) => {
    if (side === "before" && call !== "push") tell({ kind: "effect", call, credential: credential ?? "" });
    befall(call, side);
  });
  const errand = order.only === undefined ? {} : { only: new Set(order.only) };
  const report = await run(watched, errand, signal);
  tell({ kind: "end", exit: report.exit, lines: report.lines.map(({ level, text }) => `${level} ${text}`) });
} catch (error) {
  const code = error instanceof CreError ? error.code : "bug";
  const text =
    error instanceof CreError ? error.describe() : String(error instanceof Error ? error.stack : error);
  tell({ kind: "failed", code, text });
}
