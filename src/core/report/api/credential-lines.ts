import type { ReportModel } from "../report-schema.ts";
import type { CredentialDetail, CredentialLine } from "./api-schemas.ts";

/** Every credential as lists show it, by name. */
export function credentialLines({ credentials, rotations }: ReportModel): readonly CredentialLine[] {
  const standing = new Map(rotations.map(({ credential, stands }) => [credential, stands]));
  return credentials.map((row) => ({
    name: row.name,
    type: row.type,
    service: row.service,
    team: row.team,
    contact: row.contact,
    labels: row.labels,
    method: row.method,
    provider: row.provider,
    state: row.state,
    level: row.level,
    compliantStrict: row.compliantStrict,
    compliantAdjusted: row.compliantAdjusted,
    lastRotatedAt: row.lastRotatedAt,
    dueAt: row.dueAt,
    daysUntilDue: row.daysUntilDue,
    policy: row.policy,
    exception: row.exception,
    findings: row.findings,
    rotation: standing.get(row.name) ?? null,
  }));
}

/** What belongs to one credential, found without looking through every list for each. */
export function credentialDetails({
  findings,
  rotations,
  exceptions,
  incidents,
}: ReportModel): (credential: ReportModel["credentials"][number]) => CredentialDetail {
  const findingsBy = Map.groupBy(findings, ({ credential }) => credential);
  const rotationsBy = Map.groupBy(rotations, ({ credential }) => credential);
  const incidentsBy = Map.groupBy(incidents, ({ credential }) => credential);
  const exceptionsBy = new Map(exceptions.map((exception) => [exception.name, exception]));
  return (credential) => ({
    credential,
    findings: findingsBy.get(credential.name) ?? [],
    rotations: rotationsBy.get(credential.name) ?? [],
    exceptions: credential.exceptions.flatMap((about) => exceptionsBy.get(about) ?? []),
    incidents: incidentsBy.get(credential.name) ?? [],
  });
}
