import type { SettingsSpec } from "../documents/settings.ts";
import { type Instant, parseInstant } from "../model/instant.ts";

/**
 * The freeze of the settings that is on at this instant (`from` inclusive, `to` exclusive). `until` is when the last of
 * those that overlap or follow without a gap ends; the reason is that of the one that is on and ends last.
 */
export function freezeAt(
  settings: SettingsSpec | undefined,
  now: Instant,
): { readonly until: Instant; readonly reason: string } | undefined {
  const freezes = (settings?.limits?.freeze ?? []).flatMap(({ from, to, reason }) => {
    const [start, end] = [parseInstant(from), parseInstant(to)];
    return start === undefined || end === undefined ? [] : [{ start, end, reason }];
  });
  let on: { until: Instant; reason: string } | undefined;
  for (const { start, end, reason } of freezes) {
    if (start <= now && now < end && (on === undefined || end > on.until)) on = { until: end, reason };
  }
  if (on === undefined) return undefined;
  let { until } = on;
  for (let found = true; found; ) {
    const next = freezes.find(({ start, end }) => start <= until && end > until);
    found = next !== undefined;
    until = next?.end ?? until;
  }
  return { until, reason: on.reason };
}
