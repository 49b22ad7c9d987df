import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Pebble (Let's Encrypt's ACME server for tests) with its challenge server. */
export interface PebbleBinaries {
  readonly pebble: string;
  readonly challtestsrv: string;
}

/** What the distribution brings, or the search path: older, without renewal information and profiles. */
export function findPebble(env: NodeJS.ProcessEnv = process.env): PebbleBinaries | undefined {
  return pairIn((env["PATH"] ?? "").split(delimiter));
}

/** A newer one: in the folder `CRE_TEST_PEBBLE`, or where `go install` puts programs. */
export function findNewPebble(env: NodeJS.ProcessEnv = process.env): PebbleBinaries | undefined {
  return pairIn([env["CRE_TEST_PEBBLE"] ?? "", join(homedir(), "go", "bin")]);
}

/** Caddy, whose ACME server is a second opinion. */
export function findCaddy(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return programIn((env["PATH"] ?? "").split(delimiter), "caddy");
}

function pairIn(folders: readonly string[]): PebbleBinaries | undefined {
  for (const folder of folders) {
    const [pebble, challtestsrv] = [
      programIn([folder], "pebble"),
      programIn([folder], "pebble-challtestsrv"),
    ];
    if (pebble !== undefined && challtestsrv !== undefined) return { pebble, challtestsrv };
  }
  return undefined;
}

function programIn(folders: readonly string[], name: string): string | undefined {
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
