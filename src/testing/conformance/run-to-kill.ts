// A runner in a process of its own, killed at a failpoint of the parent's choice: node run-to-kill.ts REPO INSTANT ORDER
// ORDER is JSON: { moment, arrivals } or { moments, arrivals }, with a moment for each credential, or 0 where nobody kills.
import { writeSync } from "node:fs";
import { openPorts } from "../../app/acting/open-ports.ts";
import { parseInstant } from "../../core/model/instant.ts";
import { run } from "../../runner/run.ts";
import { counting, type Moment, sameMoment, withFailpoints } from "./failpoints.ts";
import { clockFrom } from "./virtual-clock.ts";

interface KillOrder {
  readonly moment?: Moment;
  readonly moments?: Readonly<Record<string, Moment>>;
  /** So many come by before the end. */
  readonly arrivals: number;
}

const [repo = "", instant = "", order = "0"] = process.argv.slice(2);
const start = parseInstant(instant);
if (start === undefined) throw new Error("usage: run-to-kill.ts REPO INSTANT ORDER");
// `as`: written by the parent process.
const kill = JSON.parse(order) as KillOrder | 0;

const awaited = { left: kill === 0 ? 0 : kill.arrivals };
const { signal } = new AbortController();
const context = {
  repo,
  progress: { step: () => undefined, warn: (message: string) => void process.stderr.write(`${message}\n`) },
  signal,
  env: process.env,
  actor: "conformance",
};
const onMoment = async (now: Moment, credential: string | undefined): Promise<void> => {
  const due = kill === 0 ? undefined : (kill.moment ?? kill.moments?.[credential ?? ""]);
  if (due === undefined || !sameMoment(now, due)) return;
  awaited.left -= 1;
  if (awaited.left === 0) {
    writeSync(1, `killed ${now.side} ${now.call}\n`);
    process.kill(process.pid, "SIGKILL");
    // SIGKILL is delivered before this loop gives anything else a turn.
    for (;;);
  }
  // Whoever is here waits for the others of the wave, and for the end.
  await new Promise(() => undefined);
};
const ports = withFailpoints(await openPorts(context, { clock: clockFrom(start) }), counting(onMoment));
const report = await run(ports, {}, signal);
for (const { level, text } of report.lines) process.stdout.write(`${level} ${text}\n`);
process.exitCode = report.exit;
