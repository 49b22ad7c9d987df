import { inspect } from "node:util";
import { expect } from "vitest";
import { CreError, EffectError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { SecretParts } from "../../core/model/secret.ts";
import type { BoundRotator, Issued, Mark, ObservedVersion } from "../../core/ports/rotator.ts";

/** One object at one provider, real or as near to real as it gets, with room for two versions and none there yet. */
export interface OverlapBench {
  /** Binds the object as another process would: it knows nothing of what was issued before. */
  bind(): Promise<BoundRotator>;
  now(): Instant;
  /** Moves the clocks of both sides. */
  pass(seconds: number): void;
  /** A version that a person made at the provider. */
  addByHand(): Promise<void>;
  /** Logs in as a consumer does. */
  logIn(parts: SecretParts): Promise<boolean>;
  /** Everything at the provider that is not of this object: no test may change it. */
  others(): Promise<unknown>;
  close(): Promise<void>;
}

/** What a provider can do of what not every one can. */
export interface OverlapPromises {
  /** Older epochs are refused by the provider itself. */
  readonly fencesEpochs: boolean;
  /** The last use is remembered. */
  readonly seesUse: boolean;
  /** Within how many seconds a use is told; default at once. */
  readonly toldWithin?: number;
  /** How exact its time is, in seconds; default one. */
  readonly coarseness?: number;
  /** So is a login that it refused because the version is deactivated. */
  readonly seesRefusedUse: boolean;
  /** How many orders of repeated steps are tried; default 15. */
  readonly repetitions?: number;
  /** The old version gets an end, or a nearer one, as soon as there is a new one. */
  readonly shortensOld?: boolean;
  /** It can only end a version for good; default: it can deactivate and reactivate as well. */
  readonly deactivates?: false;
}

export type Ending = "deactivate" | "reactivate" | "revoke";

/** What each leaves of a version that is not gone. */
export const AFTER = { deactivate: "asleep", reactivate: "live", revoke: "gone" } as const;

/** A rotator of the recipe overlap. */
export type SteppingRotator = BoundRotator & Required<Pick<BoundRotator, "issue">>;

/** The endings that a provider with these promises has. */
export function endingsOf({ deactivates }: OverlapPromises): readonly Ending[] {
  return deactivates === false ? ["revoke"] : ["deactivate", "reactivate", "revoke"];
}

/** The rotator, which must have what is promised of its provider, and no ending besides. */
export function stepping(rotator: BoundRotator, promises: OverlapPromises): SteppingRotator {
  const endings = endingsOf(promises);
  const hasEndings = (["deactivate", "reactivate"] as const).every(
    (method) => (rotator[method] !== undefined) === endings.includes(method),
  );
  const fits = hasEndings && (rotator.inUse !== undefined || !promises.seesUse);
  if (fits && isStepping(rotator)) return rotator;
  throw new Error(`${rotator.identity} is not what its bench promises`);
}

function isStepping(rotator: BoundRotator): rotator is SteppingRotator {
  return rotator.issue !== undefined;
}

/** The mark of an attempt of one and the same rotation. */
export function markOf(attempt: string, epoch = 1): Mark {
  return { rotation: "0199f0f0-0000-7000-8000-000000000001", attempt, epoch };
}

/** A mark of somebody else. */
export const FOREIGN_MARK: Mark = { rotation: "r-other", attempt: "b0", epoch: 1 };

/** Parts long enough that they cannot be found by chance, except what is public: the handle, and the client's id. */
export function secretsOf({ handle, parts }: Issued): readonly string[] {
  return [...parts]
    .filter(([name]) => name !== "clientId")
    .map(([, part]) => part.reveal())
    .filter((part) => part.length > 8 && part !== handle);
}

/** How an effect failed: it must be an EffectError that holds no secret. */
export async function effectFailure(
  effect: Promise<unknown>,
  secrets: readonly string[],
): Promise<EffectError> {
  const error = await effect.then(
    () => new Error("the effect did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EffectError);
  expectNone(error, secrets);
  // `as`: asserted just before.
  return error as EffectError;
}

/** The version goes on as it was, except for a nearer end where the provider gives it one. */
export function expectKept(
  { expiresAt, ...is }: ObservedVersion,
  { expiresAt: before, ...was }: ObservedVersion,
  { shortensOld }: OverlapPromises,
): void {
  expect(is).toEqual(was);
  const isNearer = expiresAt !== undefined && (before === undefined || expiresAt <= before);
  expect(shortensOld === true ? isNearer : expiresAt === before).toBe(true);
}

/** Nothing that people or logs see of this holds one of the secrets. */
export function expectNone(said: unknown, secrets: readonly string[]): void {
  const shown = [inspect(said, { depth: 10, showHidden: true }), JSON.stringify(said), String(said)];
  if (said instanceof CreError) shown.push(said.describe(), said.stack ?? "");
  const text = shown.join("\n");
  for (const secret of secrets) {
    for (const form of [
      secret,
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("hex"),
    ]) {
      expect(text).not.toContain(form);
    }
  }
}
