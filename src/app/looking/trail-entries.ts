import { sha256 } from "../../adapters/runtime/hash.ts";
import type { AuditEntry } from "../../core/audit/entry.ts";
import { type TrailVerdict, verifyTrail } from "../../core/audit/verify.ts";
import type { Sight } from "./sight.ts";

/** Checks the whole trail, also against what the commits of the state branch say its head was. */
export async function verifySight(sight: Sight, anchor: string | undefined): Promise<TrailVerdict> {
  return verifyTrail(await sight.audit(), sha256, anchor, await sight.recordedHeads());
}

/** The facts of an entry on one line. */
export function factsOfEntry({ detail, attempt }: AuditEntry): string {
  const facts = Object.entries(detail ?? {}).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [...(attempt === undefined ? [] : [`attempt=${attempt}`]), ...facts].join(" ");
}
