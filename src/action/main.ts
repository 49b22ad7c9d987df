import { readFileSync } from "node:fs";
import * as core from "@actions/core";
import { instantOf } from "../core/model/instant.ts";
import { githubJob } from "./github-job.ts";
import { runAction } from "./program.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The runner gives 7.5 s before the second one; whatever was not pushed is recovered by the next run.
    if (interrupted.signal.aborted) process.exit(4);
    interrupted.abort(new Error(`interrupted by ${signal}`));
  });
}

function eventText(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

process.exitCode = await runAction({
  env: process.env,
  workspace: process.env["GITHUB_WORKSPACE"] ?? process.cwd(),
  read: (name) => core.getInput(name),
  event: eventText(process.env["GITHUB_EVENT_PATH"]),
  job: githubJob(),
  signal: interrupted.signal,
  now: () => instantOf(Date.now() / 1000),
});
// A connection that somebody forgot to close must not keep a finished step alive.
setTimeout(() => process.exit(), 5000).unref();
