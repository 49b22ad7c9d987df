#!/usr/bin/env node
// This file must load on old versions of Node too, to say what is missing: nothing but built-in modules is imported
// before the version is known.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 24;

/** Node that the checkout's own `npm ci` brought, for machines whose `node` is older. */
function nodeOfCheckout(): string | undefined {
  const path = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** Runs this same command line on another Node and ends as it ends. */
function runOn(node: string): void {
  const child = spawn(node, [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, CRE_REEXECUTED: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void child.kill(signal));
  }
  child.on("error", (error) => refuse(`The Node at ${node} could not be started: ${error.message}.`));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === null ? 2 : 4);
  });
}

function refuse(problem: string): void {
  process.stderr.write(
    `${problem}\nFix: install Node ${OLDEST_NODE} or newer; in a checkout, \`npm ci\` brings it and \`npx cre\` uses it.\n`,
  );
  process.exitCode = 2;
}

async function start(): Promise<void> {
  const { runProgram } = await import("./program.ts");
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // The second one means now; whatever was not pushed is recovered by the next run.
      if (interrupted.signal.aborted) process.exit(4);
      interrupted.abort(new Error(`interrupted by ${signal}`));
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: Error & { code?: string }) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  process.exitCode = await runProgram({
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    env: process.env,
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupted.signal,
  });
  // A connection that somebody forgot to close must not keep a finished command alive.
  setTimeout(() => process.exit(), 5000).unref();
}

const major = Number(process.versions.node.split(".")[0]);
const other = nodeOfCheckout();
if (major >= OLDEST_NODE) await start();
else if (other !== undefined && process.env["CRE_REEXECUTED"] !== "1") runOn(other);
else refuse(`cre needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}.`);
