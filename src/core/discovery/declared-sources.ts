import { SETTINGS_DEFAULTS, type SettingsSpec } from "../documents/settings.ts";
import { durationSeconds } from "../model/instant.ts";

type Entry = NonNullable<SettingsSpec["discovery"]>[number];

/** A source as the settings declare it. */
export interface DeclaredSource {
  readonly name: string;
  /** Its kind key. */
  readonly kind: string;
  readonly entry: Entry;
  /** Seconds between two looks of runs. */
  readonly every: number;
}

/** Keys of an entry beside the one that says its kind. */
const COMMON: ReadonlySet<string> = new Set(["name", "every"]);

/** The sources that the settings declare, by name. */
export function declaredSources(settings: SettingsSpec | undefined): readonly DeclaredSource[] {
  return (settings?.discovery ?? [])
    .map((entry) => ({
      name: entry.name,
      kind: Object.keys(entry).find((key) => !COMMON.has(key)) ?? "",
      entry,
      every: durationSeconds(entry.every ?? SETTINGS_DEFAULTS.lookEvery),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Seconds after which the newest look is too old: one that was missed is made up for by the next run. */
export function tooOldAfter({ every }: DeclaredSource): number {
  return 2 * every;
}
