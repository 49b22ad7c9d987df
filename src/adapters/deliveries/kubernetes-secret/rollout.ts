import { EffectError } from "../../../core/model/errors.ts";
import { secondsBetween } from "../../../core/model/instant.ts";
import type { Clock, Pause } from "../../../core/ports/runtime.ts";
import type { ApiAnswer, ApiCall, Resource } from "../../clients/kubernetes/api-client.ts";
import { apiFailure, strangeAnswer } from "../../clients/kubernetes/api-failure.ts";
import type { Workload } from "./place.ts";
import type { Site } from "./secrets.ts";
import { complaints, type WorkloadObject, workloadIn } from "./workload.ts";

const POLL_SECONDS = 2;

export interface RolloutWait {
  readonly clock: Clock;
  readonly pause: Pause;
  /** How long to wait for new pods in one promote; a later one goes on waiting. */
  readonly seconds: number;
}

interface Seen {
  readonly workload: WorkloadObject;
  readonly body: ApiAnswer["body"];
}

/** Refuses a workload that is absent, that the runner may not restart, or whose pods would not be replaced. */
export async function checkRollouts(site: Site, signal: AbortSignal): Promise<void> {
  for (const named of site.place.restart) {
    const { workload } = await readWorkload(site, named, signal);
    if (workload.obstacle !== undefined) {
      const { problem, fix } = workload.obstacle;
      throw new EffectError("refused", "kubernetes-rollout", `${site.label}: ${nameOf(named)} ${problem}`, {
        fix,
        retryable: false,
      });
    }
    await markTemplate(site, named, "preflight", true, signal);
  }
}

/**
 * Has the pods of every workload replaced for this attempt, once however often it is called, and resolves when all of
 * them are. Rejects as `unknown` and under way when that takes too long; the next call goes on waiting.
 */
export async function rollOut(
  site: Site,
  attempt: string,
  wait: RolloutWait,
  signal: AbortSignal,
): Promise<void> {
  const { place } = site;
  const start = wait.clock.now();
  for (const named of place.restart) {
    const { workload } = await readWorkload(site, named, signal);
    if (workload.template.get(place.restartMark) !== attempt) {
      await markTemplate(site, named, attempt, false, signal);
    }
  }
  let waited = 0;
  for (const named of place.restart) {
    for (;;) {
      const { workload, body } = await readWorkload(site, named, signal);
      const isOurs = workload.template.get(place.restartMark) === attempt;
      if (isOurs && workload.missing === undefined) break;
      const elapsed = Math.max(waited, secondsBetween(start, wait.clock.now()));
      // A promote must end before its caller gives up, or nobody learns why.
      const isLast = elapsed >= wait.seconds;
      if (!isLast) {
        await wait.pause(POLL_SECONDS, signal);
        waited += POLL_SECONDS;
      }
      if (isLast || signal.aborted) {
        throw isOurs
          ? unfinished(site, named, workload.missing ?? "", body, true)
          : unfinished(site, named, "somebody took the mark of this restart away", body, false);
      }
    }
  }
}

async function readWorkload(site: Site, { kind, name }: Workload, signal: AbortSignal): Promise<Seen> {
  const { label, place, api } = site;
  const call: ApiCall = { verb: "get", resource: resourceOf(kind), namespace: place.namespace, name };
  const answer = await api.send(call, signal);
  if (answer.status < 200 || answer.status > 299) throw apiFailure(label, call, answer);
  const workload = workloadIn(answer.body, kind, name);
  if (workload === undefined) throw strangeAnswer(label, call);
  return { workload, body: answer.body };
}

async function markTemplate(
  { label, place, api }: Site,
  { kind, name }: Workload,
  attempt: string,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<void> {
  const call: ApiCall = {
    verb: "patch",
    resource: resourceOf(kind),
    namespace: place.namespace,
    name,
    query: { fieldManager: place.manager, ...(dryRun ? { dryRun: "All" } : {}) },
    contentType: "application/strategic-merge-patch+json",
    body: JSON.stringify({
      spec: { template: { metadata: { annotations: { [place.restartMark]: attempt } } } },
    }),
  };
  const answer = await api.send(call, signal);
  if (answer.status < 200 || answer.status > 299) throw apiFailure(label, call, answer);
  if (workloadIn(answer.body, kind, name)?.template.get(place.restartMark) === attempt) return;
  throw strangeAnswer(label, call);
}

/** `underWay`: asking again in the same run restarts nothing. */
function unfinished(
  site: Site,
  named: Workload,
  missing: string,
  body: ApiAnswer["body"],
  underWay: boolean,
): EffectError {
  const said = complaints(body);
  const { namespace } = site.place;
  return new EffectError(
    "unknown",
    "kubernetes-rollout-unfinished",
    `${site.label}: ${nameOf(named)} is not rolled out yet`,
    {
      evidence: said === "" ? missing : `${missing}; ${said}`,
      fix: `kubectl rollout status ${nameOf(named)} -n ${namespace} shows what it waits for; the Secret has the new version, and the next run goes on waiting without another restart`,
      underWay,
    },
  );
}

function resourceOf(kind: Workload["kind"]): Resource {
  return `${kind}s`;
}

function nameOf({ kind, name }: Workload): string {
  return `${kind}/${name}`;
}
