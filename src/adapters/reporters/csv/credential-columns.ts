import type { CredentialRow } from "../../../core/report/report-schema.ts";
import type { Column } from "./table.ts";

/** Everything about one credential in one row. */
export const CREDENTIAL_COLUMNS: Readonly<Record<string, Column<CredentialRow>>> = {
  credential: "name",
  type: "type",
  service: "service",
  team: "team",
  contact: "contact",
  labels: ({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`),
  method: "method",
  provider: "provider",
  state: "state",
  level: "level",
  "compliant strict": "compliantStrict",
  "compliant adjusted": "compliantAdjusted",
  "last rotated at": "lastRotatedAt",
  "last rotated source": "lastRotatedSource",
  "due at": "dueAt",
  "days until due": "daysUntilDue",
  "stale from": "staleFrom",
  arithmetic: "arithmetic",
  policy: "policy",
  policies: ({ policies }) => policies.map(({ policy }) => policy),
  exception: "exception",
  exceptions: ({ exceptions }) => exceptions,
  "own end": "ownEnd",
  "own end source": "ownEndSource",
  "created at": "createdAt",
  "retired at": "retiredAt",
  "compromised at": "compromisedAt",
  "compromised because": "compromisedBecause",
  versions: ({ versions }) => versions.map(versionText),
  "live versions": ({ versions }) => versions.filter(({ live }) => live).length,
  "access declared": ({ access }) => access !== null,
  access: ({ access }) => (access ?? []).map(accessText),
  consumers: ({ consumers }) => consumers.map(consumerText),
  endpoints: ({ endpoints }) => endpoints,
  "depends on": ({ dependsOn }) => dependsOn,
  findings: "findings",
  file: "file",
  line: "line",
};

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
