import { connectionUses } from "../../documents/check/connection-uses.ts";
import type { Connection } from "../../documents/connection.ts";
import type { Documents, Sourced } from "../../documents/kinds.ts";
import { storedSecretsIn, storeOf } from "../../documents/stored-secret.ts";
import { counted } from "../../text/counted.ts";
import { type Difference, differences, differenceText } from "../differences.ts";
import type { Pair } from "../pairs.ts";
import { type RiskDraft, riskAt, specPath } from "./risk-at.ts";

/**
 * Everything in a connection says where the runner takes its own logins and people's secrets to, so every change of it
 * is told, but for an `allow` that got narrower.
 */
export function connectionRisks(pairs: readonly Pair<Connection>[], after: Documents): readonly RiskDraft[] {
  const changed = pairs.filter(({ before, after: now }) => before !== now);
  if (changed.length === 0) return [];
  const uses = usesOf(after);
  return changed.flatMap(({ name, before, after: now }) => {
    if (now === undefined) return [];
    const used = usedBy(uses.get(name) ?? 0);
    if (before === undefined) return [riskAt(now, "connection-added", `a new place for secrets${used}`)];
    return changes(before, now, used);
  });
}

function changes(
  before: Sourced<Connection>,
  after: Sourced<Connection>,
  used: string,
): readonly RiskDraft[] {
  const { allow: oldAllow, zone: oldZone, ...old } = before.document.spec;
  const { allow, zone, ...now } = after.document.spec;
  const place = differences(old, now);
  const widened = widening(oldAllow, allow);
  const tell = (
    code: "connection-changed" | "allow-widened" | "zone-changed",
    found: readonly Difference[],
  ) =>
    found.length === 0
      ? []
      : [
          riskAt(after, code, `${differenceText(found)}${used}`, {
            onHold: true,
            path: specPath(found[0]?.path),
          }),
        ];
  return [
    ...tell("connection-changed", place),
    ...tell("allow-widened", widened),
    ...tell("zone-changed", differences(oldZone, zone, "zone")),
  ];
}

type Allow = Connection["spec"]["allow"];

/** Every given list must hold: one that is gone, or longer by something, lets more through. */
function widening(before: Allow, after: Allow): readonly Difference[] {
  return (["names", "services", "objects"] as const).flatMap((list) => {
    const [old, now] = [before?.[list], after?.[list]];
    if (old === undefined || now?.every((entry) => old.includes(entry)) === true) return [];
    return [{ path: `allow.${list}`, before: old, after: now }];
  });
}

/** How many credentials use each connection, by themselves or for a secret of another connection. */
function usesOf({ credentials, connections }: Documents): ReadonlyMap<string, number> {
  const stores = new Map(
    [...connections].map(([name, { document }]) => [
      name,
      storedSecretsIn(document.spec).map(({ reference }) => storeOf(reference)),
    ]),
  );
  const counts = new Map<string, number>();
  for (const { document } of credentials.values()) {
    const direct = connectionUses(document.spec).map(({ name }) => name);
    for (const name of new Set([...direct, ...direct.flatMap((used) => stores.get(used) ?? [])])) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

function usedBy(count: number): string {
  if (count === 0) return " (no credential uses it)";
  return ` (used by ${counted(count, "credential")})`;
}
