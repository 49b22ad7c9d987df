import type { Credential } from "../documents/credential.ts";
import { deliverKind } from "../documents/deliver.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { compareKeys, compareText } from "../evaluate/order.ts";
import type { CredentialStory } from "../history/credential-stories.ts";
import type { Instant } from "../model/instant.ts";
import type { Status } from "../state/status.ts";
import { daysUntil } from "./days-until.ts";
import type { CredentialRow } from "./report-schema.ts";

type Spec = Credential["spec"];

/** What an auditor asks of one credential, from its document, its record, its evaluation and its story. */
export function credentialRow(
  evaluated: EvaluatedCredential,
  status: Status | undefined,
  story: CredentialStory | undefined,
  now: Instant,
): CredentialRow {
  const { source, obligations, dueAt, policy, compromise } = evaluated;
  const { metadata, spec } = source.document;
  const strictest = obligations.find((obligation) => obligation.policy === policy);
  return {
    name: evaluated.name,
    type: spec.type,
    service: spec.service,
    team: spec.owner.team,
    contact: spec.owner.contact,
    labels: sortedLabels(metadata.labels),
    method: spec.method,
    provider: Object.keys(spec.provider ?? {})[0] ?? spec.delegate?.to ?? null,
    state: evaluated.state,
    level: evaluated.level,
    compliantStrict: evaluated.compliantStrict,
    compliantAdjusted: evaluated.compliantAdjusted,
    dueAt: dueAt ?? null,
    staleFrom: strictest?.startAt ?? null,
    daysUntilDue: dueAt === undefined ? null : daysUntil(dueAt, now),
    arithmetic: strictest?.arithmetic ?? null,
    policy: policy ?? null,
    policies: obligations.map((obligation) => ({
      policy: obligation.policy,
      enforcement: obligation.enforcement,
      dueAt: obligation.dueAt ?? null,
      arithmetic: obligation.arithmetic,
      exception: obligation.exception ?? null,
    })),
    exception: evaluated.exception ?? null,
    exceptions: evaluated.exceptions.map(({ name }) => name),
    lastRotatedAt: evaluated.last,
    lastRotatedSource: evaluated.lastSource,
    ownEnd: evaluated.endsAt ?? null,
    ownEndSource: evaluated.endSource ?? null,
    createdAt: spec.createdAt,
    retiredAt: spec.retiredAt ?? null,
    compromisedAt: compromise?.at ?? null,
    compromisedBecause: compromise?.because ?? null,
    versions: versionsOf(evaluated, status),
    access: accessOf(spec),
    consumers: consumersOf(spec),
    endpoints: (spec.endpoints ?? []).map((endpoint) =>
      typeof endpoint === "string" ? endpoint : `${endpoint.host}:${endpoint.port}`,
    ),
    dependsOn: [...(spec.dependsOn ?? [])],
    findings: evaluated.findings.filter(({ waivedBy }) => waivedBy === null).length,
    history: [...(story?.history ?? [])],
    trail: [...(story?.trail ?? [])],
    file: source.file,
    line: source.line,
  };
}

function sortedLabels(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => compareText(a, b)));
}

/** Live as the evaluation says it at this instant: a record may be older than a version's own end. */
function versionsOf({ live }: EvaluatedCredential, status: Status | undefined): CredentialRow["versions"] {
  const living = new Set(live);
  return (status?.versions ?? [])
    .toSorted((a, b) => compareKeys([a.createdAt, a.handle], [b.createdAt, b.handle]))
    .map((version) => ({
      handle: version.handle,
      createdAt: version.createdAt,
      declared: version.declared === true,
      expiresAt: version.expiresAt ?? null,
      live: living.has(version),
      promoted: version.promoted,
      deactivatedAt: version.deactivatedAt ?? null,
    }));
}

function accessOf({ access }: Spec): CredentialRow["access"] {
  if (access === undefined) return null;
  return access.map(({ principal, kind, purpose, until }) => ({
    principal,
    kind,
    purpose: purpose ?? null,
    until: until ?? null,
  }));
}

function consumersOf({ deliver }: Spec): CredentialRow["consumers"] {
  return (deliver ?? []).map((entry) => ({
    delivery: deliverKind(entry),
    consumer: entry.consumer ?? null,
  }));
}
