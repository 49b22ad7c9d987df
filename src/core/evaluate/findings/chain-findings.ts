import { type ChainProblem, titleOf } from "../../certificates/judge.ts";
import { addTo, type Instant } from "../../model/instant.ts";
import { currentVersion } from "../../rotation/reconcile.ts";
import { isOpen } from "../../rotation/transition.ts";
import type { Served, ServedPlace } from "../../state/served.ts";
import type { Rotation } from "../../state/status.ts";
import type { FindingCode, Level } from "../finding.ts";
import { chainsServed, isVersion, type ServedAt } from "../served-facts.ts";
import type { Draft, Examined } from "./examined.ts";

const CODES: Readonly<Record<ChainProblem["code"], readonly [code: FindingCode, level: Level]>> = {
  "name-mismatch": ["chain-name-mismatch", "critical"],
  "self-signed": ["chain-self-signed", "critical"],
  untrusted: ["chain-untrusted", "critical"],
  revoked: ["chain-revoked", "critical"],
  incomplete: ["chain-incomplete", "warning"],
  misordered: ["chain-misordered", "warning"],
  extra: ["chain-extra", "warning"],
  "weak-key": ["chain-weak-key", "warning"],
  "weak-signature": ["chain-weak-signature", "warning"],
};

/** What is wrong with a certificate where it is served: one finding for each kind of trouble at each place. */
export function chainFindings({ status, source, retired, circumstances }: Examined): readonly Draft[] {
  const served = status?.served;
  if (served === undefined || retired || source.document.spec.type !== "tls-certificate") return [];
  const { now } = circumstances.input;
  const changing = isOpen(status?.rotation);
  const inUse =
    source.document.spec.method === "automated" && !isChangingOver(status?.rotation, now)
      ? currentVersion(status?.versions ?? [])
      : undefined;
  return served.places.flatMap((place) => {
    const chains = chainsServed({ ...served, places: [place] });
    const others = inUse === undefined ? [] : chains.filter(({ leaf }) => !isVersion(inUse, leaf));
    return [
      problemDrafts(place),
      dateDrafts(place, chains, now),
      changing ? [] : differenceDrafts(place, served),
      inUse === undefined || !isOfCertificate(inUse.handle) ? [] : otherDrafts(place, others, inUse.handle),
      unseenDrafts(place),
    ].flat();
  });
}

/** A server that still has the old one when the grace period is over waits for nobody: it was not told, or does not reload. */
function isChangingOver(rotation: Rotation | undefined, now: Instant): boolean {
  if (!isOpen(rotation)) return false;
  const { promotedAt, pinned } = rotation;
  return promotedAt === undefined || addTo(promotedAt, pinned.policy.gracePeriod) > now;
}

/** A handle that names a certificate or its key; one that people declared may name anything. */
function isOfCertificate(handle: string): boolean {
  return /[0-9a-f]{64}$/.test(handle);
}

function problemDrafts({ place, chains }: ServedPlace): readonly Draft[] {
  const all = chains.flatMap(({ problems = [] }) => problems);
  return [...new Set(all.map(({ code }) => code))].map((kind) => {
    const these = all.filter(({ code }) => code === kind);
    const [code, level] = CODES[kind];
    const details = distinct(these.flatMap(({ detail }) => detail ?? []));
    // Nobody without an intermediate of his own can connect, where not even we could find it.
    const isHopeless = kind === "incomplete" && details.includes("not found");
    return {
      code,
      level: isHopeless ? "critical" : level,
      discriminator: place,
      facts: {
        place,
        about: distinct(these.map(({ about }) => about)).join("; "),
        detail: details.join("; "),
      },
    };
  });
}

function dateDrafts({ place }: ServedPlace, chains: readonly ServedAt[], now: Instant): readonly Draft[] {
  const all = chains.flatMap(({ certificates }) => certificates);
  const over = all.filter(({ notAfter }) => notAfter <= now);
  const early = all.filter(({ notBefore }) => notBefore > now);
  const draft = (code: FindingCode, these: typeof all, at: Instant | undefined): readonly Draft[] => {
    if (at === undefined) return [];
    const about = distinct(these.map(titleOf)).join("; ");
    return [{ code, level: "critical", discriminator: place, facts: { place, about, at } }];
  };
  return [
    ...draft("chain-expired", over, over.map(({ notAfter }) => notAfter).toSorted()[0]),
    ...draft(
      "chain-not-yet-valid",
      early,
      early
        .map(({ notBefore }) => notBefore)
        .toSorted()
        .at(-1),
    ),
  ];
}

/** While a rotation goes on, addresses change over one after the other. */
function differenceDrafts({ place, chains }: ServedPlace, { certificates }: Served): readonly Draft[] {
  const leaves = distinct(chains.map(({ chain }) => chain[0] ?? ""));
  if (leaves.length < 2) return [];
  const serials = leaves.map((leaf) => {
    const serial = certificates.find(({ fingerprint }) => fingerprint === leaf)?.serial ?? leaf;
    const where = chains.filter(({ chain }) => chain[0] === leaf).flatMap(({ addresses = [] }) => addresses);
    return `serial ${serial} at ${where.join(", ")}`;
  });
  return [
    {
      code: "chain-differs",
      level: "warning",
      discriminator: place,
      facts: { place, about: serials.join("; ") },
    },
  ];
}

function otherDrafts({ place }: ServedPlace, others: readonly ServedAt[], handle: string): readonly Draft[] {
  if (others.length === 0) return [];
  const about = distinct(others.map(({ leaf }) => `serial ${leaf.serial}, which ends ${leaf.notAfter}`));
  return [
    {
      code: "chain-outdated",
      level: "warning",
      discriminator: place,
      facts: { place, about: about.join("; "), handle },
    },
  ];
}

function unseenDrafts({ place, unseen = [] }: ServedPlace): readonly Draft[] {
  const [first] = unseen.toSorted((a, b) => (a.since < b.since ? -1 : 1));
  if (first === undefined) return [];
  const reasons = unseen.map(({ addresses = [], message }) =>
    addresses.length === 0 ? message : `${addresses.join(", ")}: ${message}`,
  );
  return [
    {
      code: "endpoint-unreachable",
      level: "warning",
      discriminator: place,
      facts: { place, since: first.since, reason: reasons.join("; ") },
    },
  ];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
