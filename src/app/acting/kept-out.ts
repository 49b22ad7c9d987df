import type { RedactingProgress } from "../../adapters/runtime/progress.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";

/** Whatever secret the runner reads is kept out of what it tells people from then on. */
export function keptOut(source: LocalSecretSource, progress: RedactingProgress): LocalSecretSource {
  return {
    present: (reference) => source.present(reference),
    read: async (reference) => {
      const secret = await source.read(reference);
      progress.keepOut(secret);
      return secret;
    },
  };
}
