import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { Pause } from "../../../core/ports/runtime.ts";
import { beginning, heldBy, latest, markerText } from "./marker.ts";
import { type PublicKey, seal } from "./seal.ts";
import type { SecretFacts, SecretPlace } from "./secret-place.ts";

/** GitHub's times have whole seconds; what is written this much later has a later time for sure. */
const TICK_SECONDS = 2;
/** Waits before a secret is tried again, in seconds. */
const RETRIES: readonly number[] = [2, 5];

export interface Push {
  readonly label: string;
  readonly place: SecretPlace;
  /** The variable of the marker. */
  readonly variable: string;
  readonly attempt: string;
  readonly values: ReadonlyMap<string, Secret>;
  readonly pause: Pause;
  readonly signal: AbortSignal;
}

/**
 * Writes all values as secrets, between a marker that says that it began and one that says that it is done. Repeating a
 * push that is done changes nothing. Rejects with EffectError: `refused` only while no secret was touched.
 */
export async function pushAll(push: Push): Promise<void> {
  const { place, variable, attempt, values, pause, signal } = push;
  const names = [...values.keys()];
  const before = await factsOf(place, names);
  const written = names.map((name) => before.get(name)?.writtenAt);
  const { marker, date } = await untouched(place.marker(variable, names));
  const held = heldBy(marker, written);
  const isDone = marker !== "none" && marker !== "unreadable" && marker.state === "done";
  if (isDone && held !== "unknown" && held.current === attempt) return;
  const begun = beginning(attempt, marker, written);
  const since = latest(written);
  if (since !== undefined && (date === undefined || date - since < TICK_SECONDS * 1000)) {
    await pause(TICK_SECONDS, signal);
  }
  const text = markerText(begun, names);
  if (begun !== marker) await untouched(place.writeMarker(variable, text, marker !== "none"));
  await writeSecrets(push, before);
  await finish(push, names, since);
}

async function factsOf(
  place: SecretPlace,
  names: readonly string[],
): Promise<ReadonlyMap<string, SecretFacts | undefined>> {
  const facts = new Map<string, SecretFacts | undefined>();
  for (const name of names) facts.set(name, await untouched(place.secret(name)));
  return facts;
}

/** Until the first secret is written nothing has changed for anybody, whatever became of the request. */
async function untouched<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw error instanceof EffectError ? withOutcome(error, "refused") : error;
  }
}

async function writeSecrets(push: Push, before: ReadonlyMap<string, SecretFacts | undefined>): Promise<void> {
  const { place, values } = push;
  let key = await untouched(place.publicKey());
  let count = 0;
  for (const [name, value] of values) {
    try {
      key = await writeSecret(push, name, value, before.get(name), key);
    } catch (error) {
      if (!(error instanceof EffectError) || count === 0) throw error;
      throw withOutcome(error, "unknown", `${count} of ${values.size} secrets hold the new version`);
    }
    count += 1;
  }
}

/** Writes one secret, again where that may help; gives the key that it was sealed for. */
async function writeSecret(
  { label, place, pause, signal }: Push,
  name: string,
  value: Secret,
  before: SecretFacts | undefined,
  first: PublicKey,
): Promise<PublicKey> {
  let key = first;
  let renewed = false;
  let doubt = false;
  for (let tries = 0; ; ) {
    try {
      await place.putSecret(name, await seal(label, key, value), before);
      return key;
    } catch (error) {
      if (!(error instanceof EffectError)) throw error;
      doubt ||= error.outcome === "unknown";
      const final = doubt ? withOutcome(error, "unknown") : error;
      // GitHub replaces its key from time to time, and takes only what is sealed for the newest.
      if (error.code === "refused" && !renewed) {
        renewed = true;
        const newest = await place.publicKey().catch(() => key);
        if (newest.id === key.id) throw final;
        key = newest;
        continue;
      }
      const wait = RETRIES[tries];
      if (wait === undefined || !error.retryable || error.code === "throttled") throw final;
      tries += 1;
      await pause(wait, signal);
      if (signal.aborted) throw final;
    }
  }
}

/**
 * Says that all is written. Only recovery reads it, and it can do without where the marker of the beginning stands
 * before secrets that were all written since: failing here is no failure of the push.
 */
async function finish(
  { place, variable, attempt }: Push,
  names: readonly string[],
  since: number | undefined,
): Promise<void> {
  try {
    const facts = await factsOf(place, names);
    const written = names.map((name) => facts.get(name)?.writtenAt);
    const until = latest(written);
    // An answer from before the push, from a copy that lags behind, says nothing.
    if (until === undefined || written.some((time) => time === undefined || time <= (since ?? 0))) return;
    await place.writeMarker(variable, markerText({ state: "done", attempt, until }, names), true);
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
  }
}

function withOutcome(error: EffectError, outcome: "refused" | "unknown", more?: string): EffectError {
  const evidence = [error.evidence, more].filter((text) => text !== undefined).join("; ");
  return new EffectError(outcome, error.code, error.message, {
    ...(evidence === "" ? {} : { evidence }),
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    retryable: error.retryable,
  });
}
