import { accessSync, constants, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/**
 * The folder of an unpacked Keycloak: what `CRE_TEST_KEYCLOAK` names, or the one whose `bin/kc.sh` is on the search path;
 * undefined where there is none.
 */
export function findKeycloak(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env["CRE_TEST_KEYCLOAK"] ?? "";
  const onPath = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "kc.sh"))
    .filter(isExecutable)
    .map((path) => dirname(dirname(realpathSync(path))));
  return [named, ...onPath].find((folder) => folder !== "" && isExecutable(join(folder, "bin", "kc.sh")));
}

/** The version that an unpacked Keycloak says of itself. */
export function keycloakVersion(folder: string): string {
  return readFileSync(join(folder, "version.txt"), "utf8").trim().replace(" - Version", "");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
