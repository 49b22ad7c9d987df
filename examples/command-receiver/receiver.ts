#!/usr/bin/env node
/**
 * Reference program for the `command` delivery: keeps the versions of one credential in a folder and makes one of them
 * current. Node's standard library only, made to be copied; the contract that it keeps stands in the README beside it.
 *
 *   receiver.ts FOLDER
 */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

interface Version {
  readonly attempt: string;
  readonly handle: string;
  /** Secret. */
  readonly parts: Readonly<Record<string, string>>;
}

interface State {
  readonly current: Version | null;
  readonly pending: Version | null;
}

interface Message {
  readonly apiVersion: string;
  readonly phase: string;
  readonly credential: string;
  readonly attemptId: string;
  readonly handle: string;
  readonly parts?: Readonly<Record<string, string>>;
}

/** Ends the program with the promise that nothing was changed. */
class Refusal extends Error {}

function next({ current, pending }: State, message: Message): State {
  const { phase, attemptId: attempt, handle, parts } = message;
  switch (phase) {
    case "ask":
      return { current, pending };
    case "stage":
      if (parts === undefined) throw new Refusal("no-parts");
      return current?.attempt === attempt
        ? { current, pending }
        : { current, pending: { attempt, handle, parts } };
    case "promote":
      if (current?.attempt === attempt) return { current, pending };
      if (pending?.attempt !== attempt) throw new Refusal("not-staged");
      // A certificate comes with the promotion: its key was staged, perhaps days before.
      return { current: { ...pending, parts: { ...pending.parts, ...parts } }, pending: null };
    case "abort":
      if (current?.attempt === attempt) throw new Refusal("in-use");
      return pending?.attempt === attempt ? { current, pending: null } : { current, pending };
    default:
      throw new Refusal("phase-unknown");
  }
}

function load(path: string): State {
  try {
    // Our own file, written by `save`.
    return JSON.parse(readFileSync(path, "utf8")) as State;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return { current: null, pending: null };
    }
    throw error;
  }
}

/** The old content or the new one, never half of it, whatever happens to this machine. */
function save(folder: string, name: string, text: string): void {
  const temporary = join(folder, `.${name}.${randomUUID()}`);
  try {
    const file = openSync(temporary, "wx", 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, join(folder, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const kept = openSync(folder, "r");
  fsyncSync(kept);
  closeSync(kept);
}

function main(folder: string): void {
  // What the runner wrote; its credential is a plain name, which the runner has checked.
  const message = JSON.parse(readFileSync(0, "utf8")) as Message;
  const { apiVersion, credential } = message;
  const answer = (said: object): void => console.log(JSON.stringify({ credential, ...said }));
  try {
    if (apiVersion !== "cre/v1" || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(credential)) {
      throw new Refusal("message-unknown");
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const name = `${credential}.json`;
    const before = load(join(folder, name));
    const after = next(before, message);
    if (after.current !== before.current || after.pending !== before.pending) {
      save(folder, name, `${JSON.stringify(after)}\n`);
    }
    // Here a real program makes `after.current` the one in use, for example by reloading its service.
    answer({ current: after.current?.attempt ?? null, pending: after.pending?.attempt ?? null });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer({ refused: error.message });
    process.exitCode = 10;
  }
}

main(process.argv[2] ?? "/var/lib/cre-receiver");
