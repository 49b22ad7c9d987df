// The whole command line on a clock that is so many seconds ahead: node cre-at.ts SECONDS ARGUMENTS…
// A process of its own, so that it can be killed as a runner is.
import { runProgram } from "../../cli/program.ts";
import { instantOf } from "../../core/model/instant.ts";

const [ahead = "", ...argv] = process.argv.slice(2);
const seconds = Number(ahead);
if (ahead === "" || !Number.isInteger(seconds)) throw new Error("usage: cre-at.ts SECONDS ARGUMENTS…");
process.exitCode = await runProgram({
  argv,
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: new AbortController().signal,
  now: () => instantOf(Date.now() / 1000 + seconds),
});
