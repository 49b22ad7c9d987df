import type { Authorization } from "acme-client";
import { EffectError } from "../../../core/model/errors.ts";
import type { ChallengeTask } from "./challenges/way.ts";
import { taskOf } from "./order.ts";
import { challengeProblem, nameOf } from "./order-problem.ts";
import { patienceAfter, refuseOver } from "./over.ts";
import type { Site } from "./site.ts";

/** Seconds that taking a challenge away may go on after the effect has ended. */
const CLEANING = 5;

/**
 * Proves every name that is not proven yet. What was put there is taken away afterwards, whatever came of it; only
 * where it has not spread yet it stays, and the next attempt finds it. Rejects with an EffectError in the CA's words.
 */
export async function proveNames(
  site: Site,
  authorizations: readonly Authorization[],
  signal: AbortSignal,
): Promise<void> {
  const open = authorizations.filter(({ status }) => status === "pending");
  const ended = authorizations.filter(({ status }) => status !== "pending" && status !== "valid");
  if (ended.length > 0) throw challengeProblem(site, ended, undefined, "invalid");
  if (open.length === 0) return;
  const tasks: ChallengeTask[] = [];
  for (const one of open) tasks.push((await taskOf(site, one, signal)) ?? noChallenge(site, one));
  let keeps = false;
  try {
    if ((await site.way.put(tasks, signal)) === "spreading") {
      keeps = true;
      throw spreading(site, tasks);
    }
    await answer(site, open, signal);
    const failed = (await validated(site, open, signal)).filter(({ status }) => status !== "valid");
    if (failed.length > 0) throw challengeProblem(site, failed, undefined, "invalid");
  } finally {
    if (!keeps) await clean(site, tasks);
  }
}

/** What is left there is harmless, and the next order of this rotation takes it away. */
async function clean({ way, ports, credential }: Site, tasks: readonly ChallengeTask[]): Promise<void> {
  await way.drop(tasks, AbortSignal.timeout(CLEANING * 1000)).catch(() => {
    ports.progress.warn(
      `${credential}: the answer to a challenge could not be taken away; it proves nothing any more`,
    );
  });
}

async function answer(site: Site, open: readonly Authorization[], signal: AbortSignal): Promise<void> {
  for (const { challenges } of open) {
    const challenge = challenges.find(({ type }) => type === site.way.type);
    if (challenge?.status !== "pending") continue;
    await site.ca.act("answer a challenge", signal, async ({ client }) =>
      client.completeChallenge(challenge),
    );
  }
}

/** Every authorization once the CA has made up its mind. */
async function validated(
  site: Site,
  open: readonly Authorization[],
  signal: AbortSignal,
): Promise<readonly Authorization[]> {
  for (let looks = 0; ; looks += 1) {
    const seen = await site.ca.act("wait for a validation", signal, async ({ client, waitSeconds }) => {
      // `as`: nothing but the URLs is looked at.
      const order = { authorizations: open.map(({ url }) => url) } as Parameters<
        typeof client.getAuthorizations
      >[0];
      const now = await client.getAuthorizations(order);
      const isOver = now.every(({ status }) => status !== "pending");
      if (!isOver) await site.ports.pause(waitSeconds(patienceAfter(looks)), signal);
      return isOver ? now : undefined;
    });
    if (seen !== undefined) return seen;
    refuseOver(site, signal);
  }
}

function noChallenge({ ca, way }: Site, authorization: Authorization): never {
  const offered = authorization.challenges.map(({ type }) => type).join(", ");
  const name = nameOf(authorization);
  throw new EffectError(
    "refused",
    "acme-challenge-not-offered",
    `${ca.label} proves ${name} in other ways only`,
    {
      evidence: `it offers ${offered || "none"}, and the document asks for ${way.type}`,
      fix: "correct `challenge`: a wildcard needs dns-01",
      retryable: false,
    },
  );
}

function spreading({ credential }: Site, tasks: readonly ChallengeTask[]): EffectError {
  const names = [...new Set(tasks.map(({ record }) => record.name))].join(", ");
  return new EffectError(
    "refused",
    "acme-challenge-spreading",
    `${credential}: not every name server has ${names} yet`,
    {
      fix: "nothing: the records stay, and the next attempt goes on with the same order",
    },
  );
}
