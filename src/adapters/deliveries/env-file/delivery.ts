import { basename, dirname, join } from "node:path";
import { renderValues } from "../../../core/delivery/render-values.ts";
import type { DeliverEntry } from "../../../core/documents/credential.ts";
import { EffectError } from "../../../core/model/errors.ts";
import type { BoundDelivery, Delivery, DeliveryPorts, Held } from "../../../core/ports/delivery.ts";
import { checkPath, readText, removeFile, replaceFile } from "./atomic-file.ts";
import { assignment, currentAttempt, parseStaged, stagedText, withAssignments } from "./env-text.ts";

/**
 * Keeps variables of an env file on the runner's host. A new version is staged in a file beside it (mode 0600) and
 * promoted by one rename, so that any later run can promote without the secret. The file names the attempt it holds;
 * whether an application has read it, it cannot say.
 */
export const envFileDelivery: Delivery = {
  kind: "env-file",
  connections: () => [],
  stages: () => true,
  bind: async (_name, _credential, entry, ports) => bindEnvFile(entry, ports),
};

function bindEnvFile(entry: DeliverEntry, { paths }: DeliveryPorts): BoundDelivery {
  if (entry["env-file"] === undefined) throw new Error("not an env-file entry");
  const { path, values } = entry["env-file"];
  const staged = join(dirname(path), `.${basename(path)}.cre-staged`);
  const readStaged = async () => parseStaged((await readText(staged)) ?? "");
  return {
    label: `env-file ${path}`,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async () => checkPath(path, paths),
    stage: async ({ attempt }, parts) => {
      await checkPath(path, paths);
      if (currentAttempt((await readText(path)) ?? "") === attempt) return;
      const assignments = [...renderValues(values, parts)].map(([key, value]) => assignment(key, value));
      await replaceFile(staged, stagedText(attempt, assignments));
    },
    promote: async ({ attempt }) => {
      await checkPath(path, paths);
      const text = (await readText(path)) ?? "";
      if (currentAttempt(text) !== attempt) {
        const found = await readStaged();
        if (found?.attempt !== attempt) {
          throw new EffectError("refused", "env-file-not-staged", `env-file: ${staged} does not hold attempt ${attempt}`, {
            fix: "somebody removed or replaced the staged file: `cre retry` makes a new version",
          });
        }
        await replaceFile(path, withAssignments(text, attempt, found.assignments));
      }
      if ((await readStaged())?.attempt === attempt) await removeFile(staged);
    },
    abort: async ({ attempt }) => {
      if (currentAttempt((await readText(path)) ?? "") === attempt) {
        throw new EffectError("refused", "env-file-current", `env-file: ${path} already uses attempt ${attempt}`, { retryable: false });
      }
      if ((await readStaged())?.attempt === attempt) await removeFile(staged);
    },
    holds: async (): Promise<Held> => {
      const current = currentAttempt((await readText(path)) ?? "");
      const pending = (await readStaged())?.attempt;
      return { ...(current === undefined ? {} : { current }), ...(pending === undefined ? {} : { pending }) };
    },
  };
}
