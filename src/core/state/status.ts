import { type Static, Type } from "typebox";
import { Credential } from "../documents/credential.ts";
import { Window } from "../documents/policy.ts";
import { InstantText, record, word } from "./common.ts";
import { Served } from "./served.ts";

export const STEPS = [
  "adopt",
  "preflight",
  "request",
  "issue",
  "apply",
  "verify",
  "stage",
  "push",
  "collect",
  "promote",
  "confirm",
  "abort",
  "deactivate",
  "reactivate",
  "revoke",
  "contain",
] as const;
export type Step = (typeof STEPS)[number];

/** Names one issued secret at the provider: rotation, attempt, and the lease counter at the time. */
const MarkFact = record({
  rotation: Type.String(),
  attempt: Type.String(),
  epoch: Type.Integer({ minimum: 0 }),
});

/** One generation of the credential as last observed. Public facts only. */
export const VersionFact = record({
  handle: Type.String(),
  slot: Type.String(),
  createdAt: InstantText,
  expiresAt: Type.Optional(InstantText),
  /** Able to authenticate when last observed. */
  live: Type.Boolean(),
  /** The consumers were switched to it. */
  promoted: Type.Boolean(),
  origin: word(["adopted", "issued"]),
  /** createdAt was declared by people, not reported by the provider. */
  declared: Type.Optional(Type.Boolean()),
  /** Our mark as last seen on it. */
  mark: Type.Optional(MarkFact),
  /** First 16 hex of HMAC-SHA-256(tagKey, name NUL attempt NUL value). */
  tag: Type.Optional(Type.String({ pattern: "^[0-9a-f]{16}$" })),
  deactivatedAt: Type.Optional(InstantText),
  /** From when on it is valid, where that is not when it was made. */
  notBefore: Type.Optional(InstantText),
  /** When the provider wants it renewed (RFC 9773). */
  renewal: Type.Optional(record({ start: InstantText, end: InstantText })),
  /** Places that were left with another version because they could not be reached. */
  missingAt: Type.Optional(Type.Array(Type.String())),
});
export type VersionFact = Static<typeof VersionFact>;

/** Who holds a rotation. `holder` identifies a process of one host, so that a dead one is noticed there. */
export const Lease = record({
  run: Type.String(),
  epoch: Type.Integer({ minimum: 1 }),
  until: InstantText,
  holder: Type.Optional(Type.String()),
});
export type Lease = Static<typeof Lease>;

const Seconds = Type.Integer({ minimum: 0 });

/** What the matching policies say together; pinned when a rotation opens. Times are seconds. */
export const EffectivePolicy = record({
  rotate: Type.Boolean(),
  gracePeriod: Seconds,
  quietPeriod: Seconds,
  soakPeriod: Seconds,
  window: Type.Optional(Window),
  emergency: record({ order: word(["replace-first", "revoke-first"]), confirmWithin: Seconds }),
  allowDowntime: Type.Optional(Seconds),
});
export type EffectivePolicy = Static<typeof EffectivePolicy>;

const Attempt = record({
  id: Type.String(),
  number: Type.Integer({ minimum: 1 }),
  startedAt: InstantText,
  handle: Type.Optional(Type.String()),
  slot: Type.Optional(Type.String()),
  createdAt: Type.Optional(InstantText),
  expiresAt: Type.Optional(InstantText),
  tag: Type.Optional(Type.String()),
});

export const RECIPES = [
  "overlap",
  "ordered",
  "signed",
  "alternate",
  "in-place",
  "in-place-downtime",
  "value",
  "retire",
  "adopt",
] as const;
export type RecipeName = (typeof RECIPES)[number];

/** A rotation: a saga whose record is committed. Never a secret in it. */
export const Rotation = record({
  id: Type.String(),
  recipe: word(RECIPES),
  reason: word(["due", "requested", "compromised", "retired", "adoption"]),
  /** Policy that made it due, incident, or the person who asked. */
  because: Type.String(),
  emergency: Type.Boolean(),
  openedAt: InstantText,
  /** After adoption the rotation goes on (`cre rotate`, an emergency) or closes (a scheduled first run). */
  outcome: word(["open", "parked", "done", "aborted", "rolled-back"]),
  closedAt: Type.Optional(InstantText),
  step: word(STEPS),
  /** `ready`: nothing of this step happened. `intended`: its intent is pushed, so its effect may have happened. */
  phase: word(["ready", "intended"]),
  since: InstantText,
  attempt: Type.Optional(Attempt),
  /** What the provider needs to go on, public: the URL of an ACME order, or a certificate signing request. */
  reference: Type.Optional(Type.String()),
  /** Counts issued secrets and failures; each failure backs off longer. */
  attempts: Type.Integer({ minimum: 0 }),
  failures: Type.Integer({ minimum: 0 }),
  /** From the intent of the first promote or push (in place: of apply) on the way is forward. */
  pointOfNoReturn: Type.Boolean(),
  promotedAt: Type.Optional(InstantText),
  confirmedAt: Type.Optional(InstantText),
  /** Which proof: `consumer`, `provider`, or `none` (soak is doubled). */
  confirmedBy: Type.Optional(word(["consumer", "provider", "none"])),
  /** The old version has shown no use since then. */
  silentSince: Type.Optional(InstantText),
  silenceSampled: Type.Optional(Type.Boolean()),
  /** When the old version was last seen in use, to the day. */
  oldUsedOn: Type.Optional(Type.String()),
  deactivatedAt: Type.Optional(InstantText),
  /** Versions that this rotation ended, for the containment of an emergency. */
  ended: Type.Optional(Type.Array(record({ handle: Type.String(), slot: Type.String() }))),
  /** Nothing but backoff, grace, quiet, soak or window is waited for by an instant. */
  wait: Type.Optional(
    record({
      why: word([
        "confirm",
        "grace",
        "quiet",
        "soak",
        "backoff",
        "window",
        "freeze",
        "hold",
        "evidence",
        "certificate",
      ]),
      until: Type.Optional(InstantText),
      detail: Type.Optional(Type.String()),
    }),
  ),
  failure: Type.Optional(
    record({
      step: word(STEPS),
      code: Type.String(),
      message: Type.String(),
      at: InstantText,
      /** Trying again cannot help: a person must act. */
      final: Type.Optional(Type.Boolean()),
    }),
  ),
  parked: Type.Optional(
    record({
      code: Type.String(),
      message: Type.String(),
      at: InstantText,
      commands: Type.Array(Type.String()),
    }),
  ),
  /** How the rotation closes once its attempt is aborted. */
  closing: Type.Optional(word(["aborted", "rolled-back"])),
  /** A person said that the next irreversible step may go on without evidence. */
  proceed: Type.Optional(record({ by: Type.String(), reason: Type.String(), at: InstantText })),
  lease: Type.Optional(Lease),
  pinned: record({ commit: Type.String(), credential: Credential, policy: EffectivePolicy }),
});
export type Rotation = Static<typeof Rotation>;

/** `registry/status/<service>/<name>.json`: what the machine knows about one credential. */
export const Status = record({
  schemaVersion: Type.Literal(1),
  credential: Type.String(),
  service: Type.String(),
  /** Provider identity the record belongs to. */
  identity: Type.Optional(Type.String()),
  /** One counter per credential, +1 at every taking of the lease. */
  epoch: Type.Integer({ minimum: 0 }),
  versions: Type.Array(VersionFact),
  rotatedAt: Type.Optional(InstantText),
  adoptedAt: Type.Optional(InstantText),
  /** An observation without an open rotation found the provider ahead of this record: nothing starts until a person looked. */
  behind: Type.Optional(
    record({ code: word(["state-behind", "drift"]), message: Type.String(), since: InstantText }),
  ),
  /** Of a certificate: what is served where, as last seen. */
  served: Type.Optional(Served),
  /** The open or last rotation. */
  rotation: Type.Optional(Rotation),
});
export type Status = Static<typeof Status>;
