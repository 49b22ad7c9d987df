import type { AuditEvent } from "../audit/entry.ts";
import { canonical } from "../audit/seal.ts";
import type { Documents } from "../documents/kinds.ts";
import type { SettingsSpec } from "../documents/settings.ts";
import { addTo, type Instant } from "../model/instant.ts";
import type { GuardFact, ReviewBook } from "../state/review-book.ts";
import { guardOf } from "./guard.ts";

/** Seconds that settings that ask for less rest at least: whoever is to notice has a day. */
const LEAST_REST = 86_400;

/**
 * The settings with `forge` and `changes` as far as they are in force: what asks for more is so at once, what asks for
 * less, or asks another forge, rests after a run has recorded it. Nobody waves a change through by taking away, in the
 * same breath, what would keep it back; settings that are gone or cannot be read ask for less, too.
 */
export function settingsInForce(
  settings: SettingsSpec | undefined,
  guard: GuardFact | undefined,
  now: Instant,
): SettingsSpec | undefined {
  const less = lessThan(guard, settings);
  if (guard === undefined || less === undefined || hasRested(guard, less, now)) return settings;
  const present = guardOf(settings);
  const forge = guard.approval && !asksTheSame(guard, settings) ? guard.forge : settings?.forge;
  const cooldown = Math.max(guard.cooldown, present?.cooldown ?? 0);
  return { ...settings, ...(forge === undefined ? {} : { forge }), changes: { cooldown: `${cooldown}s` } };
}

/** These documents with their settings as far as they are in force. */
export function withSettingsInForce(
  documents: Documents,
  book: ReviewBook | undefined,
  now: Instant,
): Documents {
  const { settings } = documents;
  const present = settings?.document.spec;
  const spec = settingsInForce(present, book?.guard, now);
  if (spec === present || spec === undefined) return documents;
  const { document, ...place } = settings ?? { document: undefined, file: "", line: 1 };
  const metadata = document?.metadata ?? { name: "settings" };
  return {
    ...documents,
    settings: { ...place, document: { apiVersion: "cre/v1", kind: "Settings", metadata, spec } },
  };
}

/** What is on record about the guard after a look at these settings. `undefined` again: they never asked for anything. */
export function learnGuard(
  known: GuardFact | undefined,
  settings: SettingsSpec | undefined,
  inputs: string,
  now: Instant,
): { readonly guard: GuardFact | undefined; readonly events: readonly AuditEvent[] } {
  const less = lessThan(known, settings);
  const tell = (event: string, detail: Readonly<Record<string, unknown>>): AuditEvent[] => [
    { time: now, event, inputs, detail },
  ];
  if (known !== undefined && less !== undefined && !hasRested(known, less, now)) {
    if (known.loosened?.to === less) return { guard: known, events: [] };
    const guard = { ...known, loosened: { to: less, since: now } };
    return { guard, events: tell("guard.loosened", { to: less, until: restsUntil(guard.loosened, known) }) };
  }
  const guard = factOf(settings);
  // On the state branch it is written with its keys in another order.
  if (canonical(guard ?? {}) === canonical(known ?? {})) return { guard: known, events: [] };
  return { guard, events: tell("guard.recorded", { to: wordsOf(settings) }) };
}

function factOf(settings: SettingsSpec | undefined): GuardFact | undefined {
  const guard = guardOf(settings);
  if (guard === undefined) return undefined;
  const { approval, cooldown } = guard;
  const forge = settings?.forge;
  return { approval, cooldown, ...(approval && forge !== undefined ? { forge } : {}) };
}

/** What settings ask for, in words, if that is less than what is on record. */
function lessThan(known: GuardFact | undefined, settings: SettingsSpec | undefined): string | undefined {
  if (known === undefined) return undefined;
  const present = guardOf(settings);
  const asks = !known.approval || asksTheSame(known, settings);
  return asks && present !== undefined && present.cooldown >= known.cooldown ? undefined : wordsOf(settings);
}

function asksTheSame({ forge }: GuardFact, settings: SettingsSpec | undefined): boolean {
  const present = settings?.forge;
  return (
    present?.kind === forge?.kind && present?.repository === forge?.repository && present?.url === forge?.url
  );
}

function wordsOf(settings: SettingsSpec | undefined): string {
  const guard = guardOf(settings);
  if (guard === undefined) return "no approval and no cooldown";
  const { repository, url } = settings?.forge ?? {};
  const forge = ["of the forge", repository, url].filter((part) => part !== undefined).join(" ");
  return `${guard.approval ? `an approval ${forge}` : "no approval"} and a cooldown of ${guard.cooldown}s`;
}

function hasRested(guard: GuardFact, less: string, now: Instant): boolean {
  const { loosened } = guard;
  return loosened?.to === less && restsUntil(loosened, guard) <= now;
}

function restsUntil({ since }: NonNullable<GuardFact["loosened"]>, { cooldown }: GuardFact): Instant {
  return addTo(since, Math.max(cooldown, LEAST_REST));
}
