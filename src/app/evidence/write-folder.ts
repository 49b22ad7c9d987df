import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CreError } from "../../core/model/errors.ts";
import type { ReportFile } from "../../core/ports/reporter.ts";

/**
 * Writes files into a folder that is not there or has nothing in it; gives how many. Until all are written nothing is
 * there: throws a CreError when it cannot be done.
 */
export async function writeFolder(folder: string, files: AsyncIterable<ReportFile>): Promise<number> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new CreError("folder-not-empty", `${folder} is not empty.`, {
      fix: "Give --out a folder that does not exist yet: evidence is never written over.",
    });
  }
  const parent = dirname(folder);
  const staged = inFolder(folder, () => {
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(join(parent, `.${basename(folder)}-`));
  });
  try {
    let count = 0;
    for await (const { path, content } of files) {
      inFolder(folder, () => {
        mkdirSync(dirname(join(staged, path)), { recursive: true });
        writeFileSync(join(staged, path), content);
      });
      count += 1;
    }
    inFolder(folder, () => {
      rmSync(folder, { recursive: true, force: true });
      renameSync(staged, folder);
    });
    return count;
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CreError("evidence-not-written", `Nothing could be written to ${folder}.`, {
      evidence: error instanceof Error ? error.message : String(error),
      fix: "Give --out a folder that you may write to.",
      cause: error,
    });
  }
}
