import type { SettingsSpec } from "../documents/settings.ts";
import { type Instant, parseInstant } from "../model/instant.ts";

/** The freeze of the settings that is on at this instant (from inclusive, to exclusive); of several the one that ends last. */
export function freezeAt(settings: SettingsSpec | undefined, now: Instant): { readonly until: Instant; readonly reason: string } | undefined {
  const on = (settings?.limits?.freeze ?? []).flatMap(({ from, to, reason }) => {
    const start = parseInstant(from);
    const until = parseInstant(to);
    return start !== undefined && until !== undefined && start <= now && now < until ? [{ until, reason }] : [];
  });
  return on.sort((a, b) => (a.until < b.until ? 1 : -1))[0];
}
