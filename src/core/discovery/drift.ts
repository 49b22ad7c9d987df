import type { Credential } from "../documents/credential.ts";
import { instantIn } from "../evaluate/credential-facts.ts";
import { isRetiring } from "../evaluate/credential-state.ts";
import { compareText } from "../evaluate/order.ts";
import { type Instant, secondsBetween } from "../model/instant.ts";
import { canAuthenticate } from "../rotation/reconcile.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Status, VersionFact } from "../state/status.ts";
import type { Drift, Seen } from "./matched.ts";
import { evidenceIn, type Placed, settledAt } from "./placed.ts";
import { handlesOf, publicName, roleOf } from "./recognise.ts";

/** What one credential's places say against its record, before it is put into rows. */
interface Difference {
  readonly aspect: "another" | "several" | "disabled" | "revived" | "made" | "ends" | "retired" | "absent";
  readonly grave: boolean;
  readonly handle: string;
  readonly source: string;
  readonly place: string;
  readonly recorded: string;
  readonly seen: string;
}

/** People write days, in their own time zone. */
const TOLERANCE = 36 * 3600;
/** Secrets that show no version: what they say is a date of the place. */
const WITHOUT_VERSION: ReadonlySet<string> = new Set(["github-secret", "kubernetes-tls"]);

/**
 * Where a place differs from what is on record: another version works there, one that should work does not, or the dates
 * are other ones. Nothing is said while a rotation is open, nor by a look that is older than the record.
 */
export function driftOf(placed: Placed): readonly Drift[] {
  const { documents, statuses, byCredential, book, now } = placed;
  const evidence = evidenceIn(placed);
  return [...byCredential]
    .flatMap(([credential, ones]): Drift[] => {
      const document = documents.credentials.get(credential)?.document;
      const status = statuses.get(credential);
      if (document === undefined || isOpen(status?.rotation) || status?.behind !== undefined) return [];
      const settled = settledAt(status);
      const fresh = ones.filter(
        ({ kind, lookedFrom }) =>
          !WITHOUT_VERSION.has(kind) &&
          lookedFrom !== undefined &&
          (settled === undefined || lookedFrom > settled),
      );
      const differences = [
        ...differencesOf(document, status, fresh, now),
        ...absentAt(ones, evidence.get(credential) ?? [], status),
      ];
      return differences.map((found): Drift => {
        const { aspect, grave, handle, source, place, recorded, seen } = found;
        const key = ["drift", credential, source, handle, place, aspect].join(" ");
        const since = book.noted?.[key] ?? now;
        return { key, credential, handle, source, place, grave, recorded, seen, since };
      });
    })
    .toSorted((a, b) => compareText(a.key, b.key));
}

function differencesOf(
  document: Credential,
  status: Status | undefined,
  seen: readonly Seen[],
  now: Instant,
): readonly Difference[] {
  const live = seen.filter((one) => one.live);
  const versions = status?.versions ?? [];
  if (isRetiring(document, now)) {
    // A record that says so is a finding already.
    if (versions.some((version) => canAuthenticate(version, now))) return [];
    const recorded = `retired since ${document.spec.retiredAt}`;
    return live.map((one) => difference(one, "retired", true, recorded, "it still works"));
  }
  if (versions.length === 0) return againstDocument(document, seen, live);
  const strangers = live.filter((one) => isStranger(one, document, status));
  return [
    ...strangers.map((one) => {
      const recorded = versions.filter((version) => version.live).map(({ handle }) => handle);
      return difference(one, "another", true, recorded.join(", ") || "no live version", "works beside it");
    }),
    ...seen.flatMap((one) => {
      const version = versions.find((known) => isVersion(known, one));
      return version === undefined ? [] : againstVersion(version, one, now);
    }),
  ];
}

function againstVersion(version: VersionFact, one: Seen, now: Instant): readonly Difference[] {
  const found: Difference[] = [];
  if (canAuthenticate(version, now) && !one.live) {
    found.push(difference(one, "disabled", true, "works", "it does not work any more"));
  }
  if (!version.live && version.deactivatedAt !== undefined && one.live) {
    found.push(difference(one, "revived", true, `deactivated at ${version.deactivatedAt}`, "it works again"));
  }
  if (
    version.declared !== true &&
    isOther(version.createdAt, one.createdAt) &&
    one.kind === "aws-access-key"
  ) {
    found.push(difference(one, "made", false, `made ${version.createdAt}`, `made ${one.createdAt}`));
  }
  if (one.live && isOtherEnd(version.expiresAt, one.expiresAt)) {
    found.push(difference(one, "ends", false, endText(version.expiresAt), endText(one.expiresAt)));
  }
  return found;
}

/** Without a record the document speaks: what it names, when that was made, and when it ends. */
function againstDocument(
  { spec }: Credential,
  seen: readonly Seen[],
  live: readonly Seen[],
): readonly Difference[] {
  const named = spec.handle;
  const meant = named === undefined ? live : seen.filter((one) => publicName(one) === named);
  const found: Difference[] = [];
  if (named !== undefined && meant.length > 0) {
    const others = live.filter((one) => publicName(one) !== named && one.means !== undefined);
    found.push(...others.map((one) => difference(one, "another", true, named, "works beside it")));
    const dead = meant.filter((one) => !one.live && meant.every((other) => !other.live));
    found.push(
      ...dead.map((one) => difference(one, "disabled", true, "in use", "it does not work any more")),
    );
  }
  const [one] = meant.toSorted((a, b) => compareText(a.place, b.place));
  if (one === undefined) return found;
  const handles = new Set(meant.map(({ handle }) => handle));
  if (handles.size > 1) {
    if (one.kind !== "aws-access-key") return found;
    const recorded = "one version, and no `handle` that says which";
    return [
      ...found,
      difference(one, "several", false, recorded, `${[...handles].toSorted().join(", ")} all work`),
    ];
  }
  const changed = one.changedAt ?? one.createdAt;
  const said = instantIn(spec.rotatedAt ?? spec.createdAt);
  if (one.kind !== "tls-certificate" && isOther(said, changed)) {
    const field = spec.rotatedAt === undefined ? "createdAt" : "rotatedAt";
    found.push(difference(one, "made", false, `${field} ${said}`, `made ${changed}`));
  }
  if (spec.expiresAt !== undefined && isOther(instantIn(spec.expiresAt), one.expiresAt)) {
    found.push(difference(one, "ends", false, `expiresAt ${spec.expiresAt}`, endText(one.expiresAt)));
  }
  return found;
}

/** Works where the document says that only its versions do. */
function isStranger(one: Seen, document: Credential, status: Status | undefined): boolean {
  const versions = status?.versions ?? [];
  if (one.means === undefined || versions.some((version) => isVersion(version, one))) return false;
  // Roles are told apart by their slot, which the document names.
  if (one.kind === "postgresql-login") return false;
  // Versions that go by another handle than what is served say nothing about it.
  const isNamedAsServed = versions.some(({ handle }) => handle.startsWith("SHA256:"));
  if (one.kind === "tls-certificate" && !isNamedAsServed) return false;
  return !handlesOf(document, status).includes(one.handle);
}

function isVersion({ handle, slot }: VersionFact, one: Seen): boolean {
  if (one.kind !== "postgresql-login") return handle === one.handle;
  return slot === roleOf(one.handle);
}

/** A host that has not the key which the others of the same document have. */
function absentAt(
  ones: readonly Seen[],
  evidence: ReturnType<typeof evidenceIn> extends ReadonlyMap<string, infer E> ? E : never,
  status: Status | undefined,
): readonly Difference[] {
  const behind = (status?.versions ?? []).some(({ missingAt = [] }) => missingAt.length > 0);
  const settled = settledAt(status);
  if (behind) return [];
  const parts = new Map(evidence.map((one) => [`${one.source.name} ${one.part}`, one]));
  return [...parts.values()].flatMap(({ source, part, startedAt }) => {
    if (source.kind !== "authorized-keys" || (settled !== undefined && startedAt <= settled)) return [];
    const siblings = ones.filter((one) => one.source === source.name);
    const [one] = siblings;
    if (one === undefined || siblings.some((other) => other.part === part)) return [];
    return [
      {
        ...difference(one, "absent", false, "on every host of its document", `it is not on ${part}`),
        place: part,
      },
    ];
  });
}

function difference(
  { handle, source, place }: Seen,
  aspect: Difference["aspect"],
  grave: boolean,
  recorded: string,
  seen: string,
): Difference {
  return { aspect, grave, handle, source, place, recorded, seen };
}

function isOther(recorded: Instant, seen: Instant | undefined): boolean {
  return seen !== undefined && Math.abs(secondsBetween(recorded, seen)) > TOLERANCE;
}

function isOtherEnd(recorded: Instant | undefined, seen: Instant | undefined): boolean {
  if (recorded === undefined) return seen !== undefined;
  return isOther(recorded, seen);
}

function endText(end: Instant | undefined): string {
  return end === undefined ? "no end" : `ends ${end}`;
}
