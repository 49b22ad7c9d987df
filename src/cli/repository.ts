import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CreError } from "../core/model/errors.ts";
import type { CliContext, Invocation } from "./command.ts";

const FOLDERS = ["registry", "policies", "exceptions"];

/**
 * Root of the repository that a command works on: the folder of `--repo` (the current one by default) if it is a
 * repository or was named and holds documents, else the nearest one upwards that is. Throws a CreError.
 */
export function repositoryOf(invocation: Invocation, context: CliContext): string {
  const given = invocation.value("repo");
  const start = resolve(context.cwd, given ?? ".");
  if (!existsSync(start)) {
    throw new CreError("repo-missing", `${start} does not exist.`, {
      fix: "Give --repo the folder of the repository.",
    });
  }
  // Documents can be checked before there is a repository around them.
  if (given !== undefined && FOLDERS.some((name) => existsSync(join(start, name)))) return start;
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new CreError("repo-missing", `There is no git repository around ${start}.`, {
    fix: "Change into the repository, or give --repo DIR.",
  });
}

/** A cron job and a container have no variable that says who they run as. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

/** The person or workflow that runs the command, for the trail. */
export function actorOf(env: CliContext["env"]): string {
  const named = env["CRE_ACTOR"] ?? env["GITHUB_ACTOR"] ?? env["USER"] ?? env["LOGNAME"];
  return named === undefined || named === "" ? loginName() : named;
}
