import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CreError } from "../core/model/errors.ts";
import type { CliContext, Invocation } from "./command.ts";

/** Root of the repository that a command works on: `--repo`, else the nearest folder upwards that is one. */
export function repositoryOf(invocation: Invocation, context: CliContext): string {
  const given = invocation.value("repo");
  if (given !== undefined) {
    const path = resolve(context.cwd, given);
    if (existsSync(path)) return path;
    throw new CreError("repo-missing", `${path} does not exist.`, {
      fix: "Give --repo the folder of the repository.",
    });
  }
  for (let folder = resolve(context.cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new CreError("repo-missing", `There is no git repository around ${context.cwd}.`, {
    fix: "Change into the repository, or give --repo DIR.",
  });
}

/** The person or workflow that runs the command, for the trail. */
export function actorOf(env: CliContext["env"]): string {
  const named = env["CRE_ACTOR"] ?? env["GITHUB_ACTOR"] ?? env["USER"] ?? env["LOGNAME"];
  return named === undefined || named === "" ? "unknown" : named;
}
