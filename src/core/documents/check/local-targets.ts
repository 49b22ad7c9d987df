import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

/** Files and commands of the runner's own host are among those that the settings allow. */
export function checkLocalTargets(input: CheckInput): readonly Fault[] {
  // Invalid settings may allow what is named here: what is wrong with them is said at their own place.
  if (input.documents.settings === undefined && input.isInvalid("Settings", "settings")) return [];
  return applyRules(input.documents.credentials.values(), input, [
    pathFaults,
    certificateFileFaults,
    commandFaults,
  ]);
}

/** Whether an absolute path is really inside a folder, as written: no `..`, no empty steps, no control characters. */
function isBelow(path: string, folder: string): boolean {
  return isPlainPath(path) && path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Whether a path is absolute and means what it says. */
export function isPlainPath(path: string): boolean {
  if (!path.startsWith("/") || /\p{Cc}/u.test(path)) return false;
  return path
    .split("/")
    .slice(1)
    .every((step) => step !== "" && step !== "." && step !== "..");
}

function pathFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  const allowed = documents.settings?.document.spec.paths ?? [];
  return (source.document.spec.deliver ?? []).flatMap((entry, at): Fault[] => {
    const path = entry["env-file"]?.path;
    if (path === undefined || allowed.some((folder) => isBelow(path, folder))) return [];
    return [pathNotAllowed(source, ["spec", "deliver", at, "env-file", "path"], allowed)];
  });
}

function certificateFileFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  const allowed = documents.settings?.document.spec.paths ?? [];
  return (source.document.spec.certificateFiles ?? []).flatMap((path, at): Fault[] => {
    if (!path.startsWith("/") || allowed.some((folder) => isBelow(path, folder))) return [];
    return [pathNotAllowed(source, ["spec", "certificateFiles", at], allowed)];
  });
}

function pathNotAllowed(source: Sourced, path: FieldPath, allowed: readonly string[]): Fault {
  const none = allowed.length === 0;
  return {
    source,
    path,
    code: "path-not-allowed",
    message: `the path is not below any of \`Settings.paths\`${none ? ", which are none" : ""}`,
    fix: none
      ? "ask the security team to add the folder to `paths`"
      : `use a path below ${allowed.join(" or ")}, without \`..\``,
  };
}

function commandFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  const commands = Object.keys(documents.settings?.document.spec.commands ?? {});
  return (source.document.spec.deliver ?? []).flatMap(({ command }, at): Fault[] => {
    if (command === undefined || commands.includes(command.run)) return [];
    return [
      {
        source,
        path: ["spec", "deliver", at, "command", "run"],
        code: "command-unknown",
        message: `${shown(command.run)} is none of \`Settings.commands\``,
        fix: didYouMean(command.run, commands, "ask the security team to add it to `commands`"),
      },
    ];
  });
}
