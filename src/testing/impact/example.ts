import type { Sourced } from "../../core/documents/kinds.ts";
import type { ImpactReport } from "../../core/impact/impact-report.ts";
import { credential, documents, exception, policy, settings } from "../evaluation/world.ts";
import { compared, connection, withConnections } from "./compared.ts";

const OWN = { owner: { team: "payments", contact: "payments@example.com" } };

function rules(rotateWithin: string): readonly Sourced[] {
  return [
    settings({ forge: { kind: "github" } }),
    policy("api-keys", { match: { types: ["api-key"] }, rotateWithin: "90d" }),
    policy("ssh-keys", { match: { types: ["ssh-key"] }, rotateWithin }),
  ];
}

/** A change with something of everything, for the page that explains the comment. */
export function impactExample(): ImpactReport {
  const kept = [
    credential("deploy-key", { ...OWN, type: "ssh-key", createdAt: "2025-12-20" }),
    credential("backup-key", { ...OWN, type: "ssh-key", createdAt: "2026-03-01" }),
    credential("old-mail-key", { ...OWN, createdAt: "2025-10-01" }),
  ];
  const hooked = (hook: string) =>
    credential("payments-key", {
      ...OWN,
      method: "automated",
      createdAt: "2026-02-20",
      provider: { "aws-iam": { connection: "prod-aws", user: "payments" } },
      deliver: [{ webhook: { connection: hook } }],
    });
  const before = documents(...rules("180d"), ...kept, hooked("payments-hook"));
  const after = documents(
    ...rules("80d"),
    ...kept,
    hooked("payments-hook-2"),
    credential("search-key", { ...OWN, createdAt: "2026-03-14" }),
    exception("old-mail-freeze", {
      credentials: ["old-mail-key"],
      policy: "api-keys",
      expiresAt: "2026-05-01",
    }),
  );
  return compared(
    withConnections(before, connection("payments-hook")),
    withConnections(after, connection("payments-hook"), connection("payments-hook-2")),
  );
}
