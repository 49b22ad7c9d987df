import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { CreError } from "../../core/model/errors.ts";

/** One file of a report, with what proves it unchanged. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex SHA-256 of its bytes. */
  readonly sha256: string;
}

/** The envelope of a report: when it was made, and its files. Nothing else of a report knows when it was made. */
export interface Manifest {
  readonly apiVersion: "cre/v1";
  readonly kind: "ReportManifest";
  /** `false` while it is being written. */
  readonly complete: boolean;
  readonly generatedAt: string;
  readonly generator: string;
  readonly files: readonly ManifestFile[];
}

/** Its name in the folder. */
export const MANIFEST = "manifest.json";

/** The manifest of the report in a folder; undefined: there is none. Throws a CreError for another file of that name. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const manifest = parsed(text);
  if (manifest !== undefined) return manifest;
  throw new CreError(
    "report-not-written",
    `${path} is not the manifest of a report and is not overwritten.`,
    {
      fix: "Give --out a folder of its own.",
    },
  );
}

function parsed(text: string): Manifest | undefined {
  try {
    // `as`: every member that is used is looked at.
    const value = JSON.parse(text) as Partial<Manifest> | null;
    const isOurs =
      value?.kind === "ReportManifest" &&
      typeof value.complete === "boolean" &&
      Array.isArray(value.files) &&
      value.files.every(isFile);
    return isOurs ? (value as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** A path that leads out of the folder is none of a report. */
function isFile(file: Partial<ManifestFile> | null): boolean {
  const { path, sha256 } = file ?? {};
  return (
    typeof path === "string" &&
    typeof sha256 === "string" &&
    !isAbsolute(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}
