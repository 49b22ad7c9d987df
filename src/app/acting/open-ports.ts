import { basename } from "node:path";
import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { systemClock } from "../../adapters/runtime/clock.ts";
import { sha256 } from "../../adapters/runtime/hash.ts";
import { hostLiveness } from "../../adapters/runtime/liveness.ts";
import { createProgress } from "../../adapters/runtime/progress.ts";
import { systemRandom } from "../../adapters/runtime/random.ts";
import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import { committedFiles } from "../../adapters/store/committed-files.ts";
import { openGitStore } from "../../adapters/store/git-store.ts";
import { remoteUrl } from "../../adapters/store/remote-url.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { Clock } from "../../core/ports/runtime.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import type { ActingContext } from "../acting.ts";
import { capabilitiesFor, shapeOf } from "../catalogue.ts";
import { tagParts } from "../tagging.ts";
import { bindCredential } from "./bind-credential.ts";
import { certificateMonitor } from "./certificate-monitor.ts";
import { keptOut } from "./kept-out.ts";
import { pause } from "./pause.ts";
import { openPeople } from "./people.ts";
import { sourceDesk } from "./source-desk.ts";

export interface PortOptions {
  readonly zone?: string;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
}

/** The runner's ports on the real adapters, for one command in one repository. Touches no network. */
export async function openPorts(context: ActingContext, options: PortOptions = {}): Promise<RunnerPorts> {
  const { repo, env, actor } = context;
  const progress = createProgress(context.progress, context.mask);
  const warn = (message: string): void => progress.warn(message);
  const { zone, clock = systemClock } = options;
  const store = await openGitStore({ repo, env, readDocuments, warn });
  const random = systemRandom(clock);
  const secrets = keptOut(createSecretSource({ env, warn }), progress);
  const liveness = hostLiveness(env);
  // Files that documents name come from the same commit as the documents.
  const fileOf = (commit: string | undefined) => async (path: string) =>
    commit === undefined ? undefined : store.readFile(commit, path);
  return {
    store,
    clock,
    random,
    sha256,
    liveness,
    progress,
    identity: { run: runId(clock.now(), random.bytes(4)), actor },
    capabilities: (documents) => capabilitiesFor(documents, zone === undefined ? {} : { zone }),
    shape: shapeOf,
    bind: (credential, { documents, commit, formerCommits = [] }, signal) => {
      const readFile = async (path: string) => {
        for (const one of [commit, ...formerCommits]) {
          const bytes = await fileOf(one)(path);
          if (bytes !== undefined) return bytes;
        }
        return undefined;
      };
      const keepOut = progress.keepOut.bind(progress);
      const binding = { clock, random, secrets, keepOut, pause, progress, readFile };
      return bindCredential(credential, documents, binding, signal);
    },
    monitor: ({ documents, commit }) =>
      certificateMonitor(documents.settings?.document.spec, fileOf(commit), warn, clock),
    sources: ({ documents, commit }) =>
      sourceDesk(documents, {
        clock,
        secrets,
        keepOut: progress.keepOut.bind(progress),
        pause,
        progress,
        ...(zone === undefined ? {} : { zone }),
        files: async () => (commit === undefined ? undefined : committedFiles(repo, env, commit)),
      }),
    people: (inputs) =>
      openPeople(
        inputs,
        {
          clock,
          secrets,
          progress,
          readFile: fileOf(inputs.commit),
          env,
          remoteUrl: async () => remoteUrl(repo, env),
        },
        { place: basename(repo), ...(zone === undefined ? {} : { zone }) },
      ),
    tag: (credential, attempt, parts, documents) => tagParts(credential, attempt, parts, documents, secrets),
    timeLimit: (seconds) => AbortSignal.timeout(seconds * 1000),
    pause,
  };
}

function runId(at: Instant, bytes: Uint8Array): string {
  return `${at.replaceAll(/[-:]/g, "")}-${Buffer.from(bytes).toString("hex")}`;
}
