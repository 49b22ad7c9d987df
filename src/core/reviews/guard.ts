import { SETTINGS_DEFAULTS, type SettingsSpec } from "../documents/settings.ts";
import { durationSeconds } from "../model/instant.ts";

/** What a change of a target has to pass before it is in force. */
export interface Guard {
  /** Another person must approve it on the forge. */
  readonly approval: boolean;
  /** Seconds. */
  readonly cooldown: number;
}

/** undefined: changes are in force at once, as the settings neither have a forge that reviews nor a cooldown. */
export function guardOf(settings: SettingsSpec | undefined): Guard | undefined {
  const approval = reviewsCount(settings);
  if (!approval && settings?.changes === undefined) return undefined;
  return { approval, cooldown: durationSeconds(settings?.changes?.cooldown ?? SETTINGS_DEFAULTS.cooldown) };
}

/** A forge says who approved what. */
export function reviewsCount(settings: SettingsSpec | undefined): boolean {
  return settings?.forge?.kind === "github";
}
