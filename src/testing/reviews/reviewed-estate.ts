import { openPorts } from "../../app/acting/open-ports.ts";
import { lookAround } from "../../app/looking/look-around.ts";
import type { Sight } from "../../app/looking/sight.ts";
import { CreError, EffectError } from "../../core/model/errors.ts";
import { epochSeconds, type Instant } from "../../core/model/instant.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Errand } from "../../runner/assign.ts";
import type { People } from "../../runner/ports.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import { createScratchRepository, type ScratchRepository } from "../services/git-remote.ts";
import { GITHUB_TOKEN, type GithubService, startGithub } from "../services/github/github-service.ts";
import type { HostedRepository } from "../services/github/hosted-repository.ts";
import type { Person } from "../services/github/person.ts";

const REPOSITORY = "acme/credentials";

export interface RunAt {
  readonly errand?: Errand;
  /** The store of this run, such as one that fails. */
  readonly store?: (store: Store) => Store;
  /** An emergency would try again and again. */
  readonly stopsWhenBound?: boolean;
}

/** A report, and the address of each target that the run bound to. */
export interface ReviewedRun extends RunReport {
  readonly bound: readonly string[];
}

/** A repository on the stand-in of GitHub, in real git, where people review and runs ask who did. */
export interface ReviewedEstate {
  readonly github: GithubService;
  readonly hosted: HostedRepository;
  readonly repository: ScratchRepository;
  as(login: string): Person;
  /** Sets GitHub's clock, too. */
  setClock(at: Instant): void;
  /** A run from a fresh clone. Providers are never reached: what is bound is recorded and refuses. */
  runAt(at: Instant, options?: RunAt): Promise<ReviewedRun>;
  /** What a command that only looks sees from a fresh clone, without the forge. */
  lookAt(at: Instant): Promise<Sight>;
  dispose(): Promise<void>;
}

async function deaf(): Promise<never> {
  throw new EffectError("refused", "deaf", "only reviews are told here");
}

/** The forge tells of reviews and nothing else: issues and alerts have stories of their own. */
function onlyReviews(people: People | undefined): People {
  if (people === undefined) throw new Error("these ports reach nobody");
  return {
    forge: async () => {
      const forge = await people.forge();
      return forge === undefined ? undefined : { ...forge, login: deaf, issues: deaf, schedules: deaf };
    },
    channel: async (name) => people.channel(name),
    close: async () => people.close(),
  };
}

export async function reviewedEstate(
  files: Readonly<Record<string, string>>,
  settings: string,
): Promise<ReviewedEstate> {
  const github = await startGithub();
  const repository = await createScratchRepository({
    ...files,
    "policies/settings.yaml": `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  forge: { kind: github, url: "${github.url}", repository: ${REPOSITORY} }
${settings}`,
  });
  const hosted = await github.host(REPOSITORY, { bare: repository.path });
  const setClock = (at: Instant): void => github.setClock(epochSeconds(at));
  return {
    github,
    hosted,
    repository,
    as: (login) => github.as(login, REPOSITORY),
    setClock,
    runAt: async (at, { errand = {}, store, stopsWhenBound } = {}) => {
      setClock(at);
      const stop = new AbortController();
      const { signal } = stop;
      const clone = await repository.clone();
      const progress = { step: () => undefined, warn: () => undefined };
      const env = { ...clone.env, GITHUB_TOKEN };
      const context = { repo: clone.path, progress, signal, env, actor: "scheduler" };
      const ports = await openPorts(context, { clock: { now: () => at } });
      const bound: string[] = [];
      const report = await run(
        {
          ...ports,
          people: (inputs) => onlyReviews(ports.people?.(inputs)),
          store: store?.(ports.store) ?? ports.store,
          bind: async ({ spec }, { documents }) => {
            const name = spec.deliver?.[0]?.webhook?.connection ?? "";
            bound.push(documents.connections.get(name)?.document.spec.webhook?.url ?? "nowhere");
            if (stopsWhenBound === true) stop.abort();
            throw new CreError("unreached", "no provider is reached here");
          },
        },
        errand,
        signal,
      );
      return { ...report, bound };
    },
    lookAt: async (clock) => {
      const clone = await repository.clone();
      const { signal } = new AbortController();
      return lookAround({ repo: clone.path, env: clone.env, clock, signal });
    },
    dispose: async () => {
      await github.close();
      await repository.dispose();
    },
  };
}
