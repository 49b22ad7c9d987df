// A runner in a process of its own, killed at a failpoint of the parent's choice: node run-to-kill.ts REPO INSTANT POINT
import { writeSync } from "node:fs";
import { openPorts } from "../../app/acting/open-ports.ts";
import { parseInstant } from "../../core/model/instant.ts";
import { run } from "../../runner/run.ts";
import { withFailpoints } from "./failpoints.ts";
import { clockFrom } from "./virtual-clock.ts";

const [repo = "", instant = "", point = "0"] = process.argv.slice(2);
const start = parseInstant(instant);
if (start === undefined) throw new Error("usage: run-to-kill.ts REPO INSTANT POINT");

const calls = { left: Number(point) };
const { signal } = new AbortController();
const context = {
  repo,
  progress: { step: () => undefined, warn: (message: string) => void process.stderr.write(`${message}\n`) },
  signal,
  env: process.env,
  actor: "conformance",
};
const ports = withFailpoints(await openPorts(context, { clock: clockFrom(start) }), (call, side) => {
  calls.left -= 1;
  if (calls.left !== 0) return;
  writeSync(1, `killed ${side} ${call}\n`);
  process.kill(process.pid, "SIGKILL");
  // SIGKILL is delivered before this loop gives anything else a turn.
  for (;;);
});
const report = await run(ports, {}, signal);
for (const { level, text } of report.lines) process.stdout.write(`${level} ${text}\n`);
process.exitCode = report.exit;
