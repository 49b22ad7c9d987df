import type { CredentialRow } from "../../../core/report/report-schema.ts";
import { type Column, column } from "./column.ts";

/** Between the entries of a list in one cell. */
const APART = " | ";

/** Everything about one credential in one row. */
export const credentialColumns: readonly Column<CredentialRow>[] = [
  column("credential", "name"),
  column("type", "type"),
  column("service", "service"),
  column("team", "team"),
  column("contact", "contact"),
  { title: "labels", of: ({ labels }) => list(Object.entries(labels), ([key, value]) => `${key}=${value}`) },
  column("method", "method"),
  column("provider", "provider"),
  column("state", "state"),
  column("level", "level"),
  column("compliant strict", "compliantStrict"),
  column("compliant adjusted", "compliantAdjusted"),
  column("last rotated at", "lastRotatedAt"),
  column("last rotated source", "lastRotatedSource"),
  column("due at", "dueAt"),
  column("days until due", "daysUntilDue"),
  column("stale from", "staleFrom"),
  column("arithmetic", "arithmetic"),
  column("policy", "policy"),
  { title: "policies", of: ({ policies }) => list(policies, ({ policy }) => policy) },
  column("exception", "exception"),
  { title: "exceptions", of: ({ exceptions }) => exceptions.join(APART) },
  column("own end", "ownEnd"),
  column("own end source", "ownEndSource"),
  column("created at", "createdAt"),
  column("retired at", "retiredAt"),
  column("compromised at", "compromisedAt"),
  column("compromised because", "compromisedBecause"),
  { title: "versions", of: ({ versions }) => list(versions, versionText) },
  { title: "live versions", of: ({ versions }) => versions.filter(({ live }) => live).length },
  { title: "access declared", of: ({ access }) => access !== null },
  { title: "access", of: ({ access }) => list(access ?? [], accessText) },
  { title: "consumers", of: ({ consumers }) => list(consumers, consumerText) },
  { title: "endpoints", of: ({ endpoints }) => endpoints.join(APART) },
  { title: "depends on", of: ({ dependsOn }) => dependsOn.join(APART) },
  column("findings", "findings"),
  column("file", "file"),
  column("line", "line"),
];

function list<T>(items: readonly T[], textOf: (item: T) => string): string {
  return items.map(textOf).join(APART);
}

function versionText({ handle, createdAt, live, promoted }: CredentialRow["versions"][number]): string {
  const standing = [...(live ? ["live"] : []), ...(promoted ? ["promoted"] : [])].join(", ");
  return `${handle} of ${createdAt} (${standing || "not live"})`;
}

function accessText({
  principal,
  kind,
  purpose,
  until,
}: NonNullable<CredentialRow["access"]>[number]): string {
  const [what, end] = [purpose === null ? "" : `: ${purpose}`, until === null ? "" : `, until ${until}`];
  return `${kind} ${principal}${what}${end}`;
}

function consumerText({ delivery, consumer }: CredentialRow["consumers"][number]): string {
  return consumer === null ? delivery : `${consumer} (${delivery})`;
}
