import type { Documents, Sourced } from "../../documents/kinds.ts";
import { type RiskDraft, riskAt } from "./risk-at.ts";

/** Fields that name a file of the repository which says whom the runner trusts, or where it goes. */
const TRUSTING: ReadonlySet<string> = new Set(["ca", "knownHosts", "file", "certificate"]);

/**
 * Files that documents name and that changed although the documents did not: certificates of authorities, known hosts,
 * inventories. Who may put another one there needs no change of a document.
 */
export function trustedFileRisks(after: Documents, changedFiles: ReadonlySet<string>): readonly RiskDraft[] {
  if (changedFiles.size === 0) return [];
  const sources: readonly Sourced[] = [
    ...after.connections.values(),
    ...(after.settings === undefined ? [] : [after.settings]),
    ...after.credentials.values(),
  ];
  return sources.flatMap((source) => {
    const { document } = source;
    // Of a credential only its provider names files that count here.
    const told = document.kind === "Credential" ? document.spec.provider : document.spec;
    const files = new Set(filesIn(told).filter((file) => changedFiles.has(file)));
    return [...files].map((file) =>
      riskAt(source, "trusted-file-changed", `${file}, which it relies on, is another`, { onHold: true }),
    );
  });
}

function filesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === "string" ? (TRUSTING.has(key) ? [inner.replace(/^\.\//, "")] : []) : filesIn(inner),
  );
}
