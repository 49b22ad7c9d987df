import type { AuditEvent } from "../core/audit/entry.ts";
import type { Documents } from "../core/documents/kinds.ts";
import { addTo, type Instant } from "../core/model/instant.ts";
import type { SecretParts } from "../core/model/secret.ts";
import type { Issued } from "../core/ports/rotator.ts";
import type { Sights } from "../core/rotation/situation.ts";
import { underItsName } from "../core/state/rename.ts";
import type { Rotation, Status } from "../core/state/status.ts";
import type { Bound } from "./ports.ts";
import type { ReportLine } from "./run-report.ts";

/** One credential's rotation as this run carries it. Changed in place by the run and by nothing else. */
export interface Saga {
  /** As documents call it now: a rename while it is under way is followed. */
  name: string;
  /** The record in the tip that this run knows; undefined: none. */
  tip: Status | undefined;
  /** The record with results that are not pushed yet. */
  status: Status;
  /** What happened since the last push. */
  events: AuditEvent[];
  lines: ReportLine[];
  bound: Bound | undefined;
  /** The current attempt's version with its secret: in memory only, gone with the process. */
  issued: { readonly attempt: string; readonly version: Issued } | undefined;
  /** A value that a person made: what a rotation by hand delivers. */
  readonly given: SecretParts | undefined;
  /** The target that the effect at hand is busy with, for people. */
  target: string | undefined;
  sights: Sights;
  /** When the oldest of the sights was asked for. */
  sightsSince: Instant | undefined;
  /** This process pushed the intent at hand, so it knows that the effect was not tried yet. */
  ourIntent: boolean;
  /** A person asked for this credential now. */
  explicit: boolean;
  /** Failed tries in this run. */
  failures: number;
  /** A failed try of an emergency is not repeated before. */
  notBefore: Instant | undefined;
  /** Nothing more is done for it in this run. */
  finished: boolean;
}

export function sagaOf(
  name: string,
  tip: Status | undefined,
  status: Status,
  explicit: boolean,
  given?: SecretParts,
): Saga {
  return {
    name,
    tip,
    status,
    events: [],
    lines: [],
    bound: undefined,
    issued: undefined,
    given,
    target: undefined,
    sights: {},
    sightsSince: undefined,
    ourIntent: false,
    explicit,
    failures: 0,
    notBefore: undefined,
    finished: false,
  };
}

/** No effect is intended on the ground of what was seen longer ago. */
const SIGHT_SECONDS = 120;

export function hasOldSights({ sightsSince }: Saga, now: Instant): boolean {
  return sightsSince !== undefined && addTo(sightsSince, SIGHT_SECONDS) < now;
}

/** Follows a document that was renamed or moved to another service while its rotation is under way. */
export function followDocument(saga: Saga, documents: Documents): void {
  saga.status = underItsName(saga.status, documents);
  saga.name = saga.status.credential;
  if (saga.tip !== undefined) saga.tip = underItsName(saga.tip, documents);
}

/** A new step asks its own questions. */
export function forget(saga: Saga): void {
  saga.sights = {};
  saga.sightsSince = undefined;
}

/** The open rotation of a saga that has one. */
export function rotationOf(saga: Saga): Rotation {
  if (saga.status.rotation === undefined) throw new Error(`${saga.name} has no rotation`);
  return saga.status.rotation;
}

/** Lets go of the provider and the targets. Never rejects. */
export async function closeBound(saga: Saga): Promise<void> {
  await saga.bound?.close().catch(() => undefined);
}
