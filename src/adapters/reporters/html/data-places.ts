import type { CredentialLine } from "../../../core/report/api/api-schemas.ts";

/** So many credentials are read at once when somebody opens one of them. */
export const DETAILS_PER_BLOB = 4096;

/** Id of the element that carries the columns of all credentials. */
export const COLUMNS_ID = "columns";

/** Id of the element that carries the details of some credentials. */
export function detailsId(blob: number): string {
  return `details-${blob}`;
}

/** The part of an address that opens a credential. */
export function credentialHash(name: string): string {
  return `#credential/${encodeURIComponent(name)}`;
}

/** Words of a credential's details that whoever has its line knows already. */
export function knownWords(line: CredentialLine): readonly (string | null)[] {
  const { name, service, team, contact, type, policy, exception, dueAt, lastRotatedAt } = line;
  return [
    name,
    service,
    team,
    contact,
    type,
    policy,
    exception,
    dueAt,
    lastRotatedAt,
    lastRotatedAt.slice(0, 10),
    dueAt === null ? null : usuallyStaleFrom(dueAt),
  ];
}

/** Most policies warn as long before as they do by default. */
function usuallyStaleFrom(dueAt: string): string {
  return new Date(Date.parse(dueAt) - 14 * 86_400_000).toISOString().replace(".000Z", "Z");
}
