import pLimit from "p-limit";
import { type PlaceLook, servedAfter } from "../core/certificates/place-look.ts";
import type { Credential } from "../core/documents/credential.ts";
import { emptyStatus, isOpen } from "../core/rotation/transition.ts";
import { sameValue } from "../core/state/same-facts.ts";
import type { Served } from "../core/state/served.ts";
import type { Status } from "../core/state/status.ts";
import type { Errand } from "./assign.ts";
import type { Observation } from "./observe.ts";
import type { ReportLine } from "./run-report.ts";
import { failureOf, type World } from "./world.ts";

/** All looks of a run together: what was not looked at by then is looked at by the next one. */
const BUDGET_SECONDS = 120;
const CREDENTIALS_AT_ONCE = 16;
/** Problems that one entry of the trail and one line for people tell. */
const MOST_TOLD = 20;

/**
 * Looks at everything that certificates show where they are served, whoever rotates them, and records what changed.
 * `others` are looks of this run at the same records, which these join. One that fails never stops the others.
 */
export async function observeServed(
  world: World,
  errand: Errand,
  others: readonly Observation[],
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  const wanted = watched(world, errand);
  if (wanted.length === 0) return [];
  const monitor = world.ports.monitor(world.inputs);
  const budget = AbortSignal.any([signal, world.ports.timeLimit(BUDGET_SECONDS)]);
  const limit = pLimit(CREDENTIALS_AT_ONCE);
  const found = await Promise.all(
    wanted.map((credential) =>
      limit(async () => {
        try {
          const looks = await monitor.look(credential, budget);
          return { credential, looks };
        } catch (error) {
          return { credential, looks: undefined, reason: failureOf(error).message };
        }
      }),
    ),
  );
  const missed = found.filter(({ looks }) => looks === undefined);
  if (missed.length > 0 && !signal.aborted) {
    world.ports.progress.warn(`${missed.length} certificates could not be looked at in this run`, {
      first: missed[0]?.credential.metadata.name ?? "",
      reason: missed[0]?.reason ?? "",
    });
  }
  return found.flatMap(({ credential, looks }) => {
    const other = others.find(({ name }) => name === credential.metadata.name);
    return looks === undefined ? [] : observation(credential, looks, other, world);
  });
}

function watched({ inputs, state, evaluation, ports }: World, errand: Errand): readonly Credential[] {
  const now = ports.clock.now();
  return [...inputs.documents.credentials.values()]
    .map(({ document }) => document)
    .filter(({ metadata: { name }, spec }) => {
      if (spec.type !== "tls-certificate") return false;
      if (spec.endpoints === undefined && spec.certificateFiles === undefined) return false;
      if (errand.only?.has(name) === false) return false;
      if (errand.explicit !== undefined && errand.explicit.credential !== name) return false;
      if (evaluation.credentials.get(name)?.state === "retired") return false;
      if (state.unreadable?.some(({ credential }) => credential === name) === true) return false;
      const rotation = state.statuses.get(name)?.rotation;
      // A record that another run is writing is that run's.
      const lease = isOpen(rotation) ? rotation.lease : undefined;
      return lease === undefined || lease.run === ports.identity.run || lease.until <= now;
    })
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function observation(
  credential: Credential,
  looks: readonly PlaceLook[],
  other: Observation | undefined,
  { state, ports }: World,
): readonly Observation[] {
  const { name } = credential.metadata;
  const base = state.statuses.get(name);
  const status: Status = other?.after ?? base ?? emptyStatus(credential);
  const now = ports.clock.now();
  const served = servedAfter(status.served, looks, now);
  if (sameValue(served, status.served)) return [];
  const problems = problemsOf(served);
  const detail = {
    places: served.places.length,
    certificates: served.certificates.length,
    ...(problems.length === 0 ? {} : { problems: problems.slice(0, MOST_TOLD) }),
  };
  const outcome = problems.length === 0 ? "done" : "failed";
  return [
    {
      name,
      base,
      after: { ...status, served },
      event: { time: now, event: "certificate.observed", credential: name, outcome, detail },
      line: lineOf(name, problems),
    },
  ];
}

function lineOf(name: string, problems: readonly string[]): ReportLine | undefined {
  if (problems.length === 0) return undefined;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more; cre show ${name})` : "";
  return { level: "warning", text: `${name}: ${problems[0]}${more}`, credential: name };
}

function problemsOf({ places }: Served): readonly string[] {
  return places.flatMap(({ place, chains, unseen = [] }) => [
    ...chains.flatMap(({ problems = [] }) =>
      problems.map(({ code, about }) => `${place}: ${code}: ${about}`),
    ),
    ...unseen.map(({ message, addresses }) => `${[place, ...(addresses ?? [])].join(" ")}: ${message}`),
  ]);
}
