import { createProgress, type ProgressSink } from "../../adapters/runtime/progress.ts";
import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import { remoteUrl } from "../../adapters/store/remote-url.ts";
import type { SeenThing } from "../../core/discovery/matched.ts";
import { type ProposedStubs, stubProposal } from "../../core/discovery/stub-proposal.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { Forge } from "../../core/ports/forge.ts";
import { counted } from "../../core/text/counted.ts";
import { workTreeFiles } from "../looking/frameworks.ts";
import { stubFiles } from "../writing/discovered-stubs.ts";
import { bindForge } from "./bind-forge.ts";
import { keptOut } from "./kept-out.ts";

export interface ProposeOptions {
  readonly repo: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Instant;
  readonly progress: ProgressSink;
  /** Told every form of the token before it is used. */
  readonly mask?: (form: string) => void;
  readonly signal: AbortSignal;
}

const LIMIT_SECONDS = 60;
/** Pull requests of one month and file that were merged before this one. */
const MOST_MERGED = 20;

/**
 * Opens, or brings up to date, a pull request with stubs for each source that showed something unmanaged. Gives a line
 * for each; undefined: the settings name no forge. Rejects with a CreError where the forge cannot be used.
 */
export async function proposeStubs(
  documents: Documents,
  strays: readonly SeenThing[],
  options: ProposeOptions,
): Promise<readonly string[] | undefined> {
  const { repo, env, signal } = options;
  const progress = createProgress(options.progress, options.mask);
  const warn = (message: string): void => progress.warn(message);
  const files = workTreeFiles(repo);
  const forge = await bindForge(documents.settings?.document.spec.forge, {
    clock: { now: () => options.clock },
    secrets: keptOut(createSecretSource({ env, warn }), progress),
    progress,
    readFile: async (path) => files(path),
    env,
    remoteUrl: async () => remoteUrl(repo, env),
  });
  if (forge === undefined) return undefined;
  const found = stubFiles(repo, strays);
  const lines: string[] = [];
  for (const file of found.files) {
    const toFill = found.toFill.filter((problem) => problem.file === file.path);
    lines.push(await proposed(forge, { ...file, toFill }, options.clock, signal));
  }
  return lines;
}

async function proposed(
  forge: Forge,
  stubs: ProposedStubs,
  now: Instant,
  signal: AbortSignal,
): Promise<string> {
  for (let number = 1; number <= MOST_MERGED; number += 1) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_SECONDS * 1000)]);
    const { url, state } = await forge.propose(stubProposal(stubs, now, number), limit);
    if (state === "merged") continue;
    return state === "open"
      ? `${stubs.path}: ${counted(stubs.added, "stub")} proposed in ${url}`
      : `${stubs.path}: ${url} was closed, so its stubs are not proposed again this month`;
  }
  return `${stubs.path}: ${MOST_MERGED} pull requests of this month were merged; the next month brings another`;
}
