import { accessSync, constants, lstatSync, readlinkSync, type Stats } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { EffectError } from "../../../core/model/errors.ts";

const MOST_LINKS = 40;

/**
 * Refuses a command that somebody else on this host could replace: its executable must be a plain absolute path to an
 * executable file, and nothing on the way to it, links included, may belong to others than root and the runner's user
 * or be written by everybody. The same holds of each argument that is the path of a file: an interpreter's script is a
 * program as well. Throws an EffectError.
 */
export function checkCommand(label: string, [executable, ...args]: readonly string[]): void {
  const user = process.geteuid?.();
  if (user === undefined) {
    throw refusal(label, "needs a system with users and process groups", {
      fix: "run it on Linux or macOS, or deliver by webhook",
    });
  }
  if (executable === undefined || !isAbsolute(executable) || resolve(executable) !== executable) {
    throw refusal(label, `${JSON.stringify(executable ?? "")} is no plain absolute path`, {
      fix: "write the whole path of the executable into Settings.commands, without `..`: nothing is looked up in PATH",
    });
  }
  const way = wayTo(executable);
  if (way === undefined) {
    throw refusal(label, `there is no ${executable} on this host, or the runner's user does not reach it`, {
      fix: "install it on the machine that runs the enforcer, or correct Settings.commands",
    });
  }
  if (way.at(-1)?.facts.isFile() !== true) {
    throw refusal(label, `${executable} is no file`, { fix: "name an executable file in Settings.commands" });
  }
  try {
    accessSync(executable, constants.X_OK);
  } catch {
    throw refusal(label, `the runner's user may not execute ${executable}`, {
      fix: `chmod +x ${executable}`,
    });
  }
  checkKept(label, way, user);
  for (const arg of args.filter((text) => isAbsolute(text))) {
    const found = wayTo(arg);
    if (found?.at(-1)?.facts.isFile() === true) checkKept(label, found, user);
  }
}

/** A name that the system looks up on the way to a file: a folder, a link, or at last the file. */
interface Stop {
  readonly path: string;
  readonly facts: Stats;
}

/** Every name that is looked up to reach a path, links followed one by one; undefined where the way ends early. */
function wayTo(path: string): readonly Stop[] | undefined {
  try {
    const stops: Stop[] = [{ path: "/", facts: lstatSync("/") }];
    let folder = "/";
    let links = 0;
    const names = path.split("/");
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      if (name === "" || name === ".") continue;
      const next = join(folder, name);
      const facts = lstatSync(next);
      stops.push({ path: next, facts });
      if (!facts.isSymbolicLink()) {
        folder = next;
        continue;
      }
      links += 1;
      if (links > MOST_LINKS) return undefined;
      const target = readlinkSync(next);
      if (isAbsolute(target)) folder = "/";
      names.unshift(...target.split("/"));
    }
    return stops;
  } catch {
    return undefined;
  }
}

function checkKept(label: string, way: readonly Stop[], user: number): void {
  for (const { path, facts } of way) {
    if (facts.uid !== 0 && facts.uid !== user) {
      throw refusal(label, `${path} belongs to another user, who can change what is run`, {
        evidence: `owner ${facts.uid}, runner ${user}`,
        fix: `chown root ${path}`,
      });
    }
    // A link has no rights of its own; in a sticky folder others cannot replace what is not theirs.
    const isSafe = facts.isSymbolicLink() || (facts.isDirectory() && (facts.mode & 0o1000) !== 0);
    if ((facts.mode & 0o002) !== 0 && !isSafe) {
      throw refusal(label, `everybody on this host can change ${path}`, { fix: `chmod o-w ${path}` });
    }
  }
}

function refusal(label: string, problem: string, details: { evidence?: string; fix: string }): EffectError {
  return new EffectError("refused", "command-not-runnable", `${label}: ${problem}`, {
    ...details,
    retryable: false,
  });
}
