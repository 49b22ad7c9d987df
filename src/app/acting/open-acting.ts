import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { systemClock } from "../../adapters/runtime/clock.ts";
import { sha256 } from "../../adapters/runtime/hash.ts";
import { hostLiveness } from "../../adapters/runtime/liveness.ts";
import { systemRandom } from "../../adapters/runtime/random.ts";
import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import { openGitStore } from "../../adapters/store/git-store.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { Errand } from "../../runner/assign.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import { recordCommand } from "../../runner/record-command.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import type { Acting, ActingContext } from "../acting.ts";
import { capabilitiesFor, shapeOf } from "../catalogue.ts";
import { tagParts } from "../tagging.ts";
import { bindCredential } from "./bind-credential.ts";
import { emergencyReport } from "./emergency-report.ts";
import { holdCommand, incidentCommand, releaseCommand, requestCommand, type Speaker } from "./person-commands.ts";
import { partsOfValue } from "./value-parts.ts";

/** The commands with effects, composed from the real adapters. */
export function openActing(context: ActingContext): Acting {
  const { signal, actor: by } = context;
  const say = async (decide: Parameters<typeof recordCommand>[1]): Promise<RunReport> => {
    const ports = await portsFor(context, undefined);
    return saidReport(ports, await recordCommand(ports, decide, signal));
  };
  const speaker = (): Speaker => ({ by, at: systemClock.now() });
  const act = async (errand: Errand, zone: string | undefined): Promise<RunReport> => run(await portsFor(context, zone), errand, signal);
  return {
    runScheduled: ({ zone }) => act({}, zone),
    rotateOne: async ({ credential, value, zone }) => {
      const errand: Errand = { only: new Set([credential]), explicit: { credential, by } };
      return act(value === undefined ? errand : { ...errand, given: partsOfValue(value) }, zone);
    },
    declareIncident: async (options) => {
      const { credential, zone } = options;
      const ports = await portsFor(context, zone);
      const at = systemClock.now();
      const said = await recordCommand(ports, (_, { documents }) => incidentCommand(options, { by, at }, documents), signal);
      if (!said.recorded) return saidReport(ports, said);
      const report = await run(ports, { only: new Set([credential]) }, signal);
      return emergencyReport(ports, options, at, said.said, report, signal);
    },
    pressHold: (options) => say((_, { documents }) => holdCommand(options, speaker(), documents)),
    release: (options) => say((state) => releaseCommand(options, speaker(), state)),
    request: (options) => say((state, { documents }) => requestCommand(options, speaker(), state, documents)),
  };
}

async function portsFor(context: ActingContext, zone: string | undefined): Promise<RunnerPorts> {
  const { repo, env, progress, actor } = context;
  const store = await openGitStore({ repo, env, readDocuments });
  const random = systemRandom(systemClock);
  const secrets = createSecretSource({ env, warn: (message) => progress.warn(message) });
  const liveness = hostLiveness();
  return {
    store,
    clock: systemClock,
    random,
    sha256,
    liveness,
    progress,
    identity: { run: runId(systemClock.now(), random.bytes(4)), actor },
    capabilities: (documents) => capabilitiesFor(documents, zone === undefined ? {} : { zone }),
    shape: shapeOf,
    bind: (credential, { documents, commit }) => {
      // Files that documents name come from the same commit as the documents.
      const readFile = async (path: string) => (commit === undefined ? undefined : store.readFile(commit, path));
      return bindCredential(credential, documents, { clock: systemClock, random, secrets, readFile });
    },
    tag: (credential, attempt, parts, documents) => tagParts(credential, attempt, parts, documents, secrets),
    timeLimit: (seconds) => AbortSignal.timeout(seconds * 1000),
    pause,
  };
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => {
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", () => done(), { once: true });
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}

function runId(at: Instant, bytes: Uint8Array): string {
  return `${at.replaceAll(/[-:]/g, "")}-${Buffer.from(bytes).toString("hex")}`;
}

/** A command that only records something, or says why it cannot. */
function saidReport(ports: RunnerPorts, { recorded, said }: { recorded: boolean; said: string }): RunReport {
  const line = { level: recorded ? "info" : "error", text: said } as const;
  return { run: ports.identity.run, exit: recorded ? 0 : 2, lines: [line], plan: [], pushes: recorded ? 1 : 0, problems: [], summary: said };
}

