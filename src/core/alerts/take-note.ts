import type { Instant } from "../model/instant.ts";
import type { AlertBook, AlertFact, Told } from "../state/alert-book.ts";
import { type AlertLevel, isWorse, type Severity, type Subject } from "./subject.ts";

/** What a run saw, and how much of it. */
export interface Seen {
  /** Open alerts that somebody is to be told of, by fingerprint. */
  readonly subjects: ReadonlyMap<string, Subject>;
  /** Open ones that no route is for now: nobody is told of them, but they are not over. */
  readonly unrouted: ReadonlySet<string>;
  /** Emergencies that this run has ended before anybody was told, with the destinations that hear of them. */
  readonly ended: ReadonlyMap<string, { readonly subject: Subject; readonly to: readonly string[] }>;
  readonly now: Instant;
  /** Only emergencies of these credentials are looked at; undefined: everything is. */
  readonly only: ReadonlySet<string> | undefined;
  /** Some document is invalid: what is missing may still be there, so nothing counts as over. */
  readonly incomplete: boolean;
  /** Destinations for which what was only counted is of no interest when it is over. */
  readonly namesOnly: (to: string) => boolean;
  /** Destinations whose channel is still in the settings: nobody else can be told that anything is over. */
  readonly exists: (to: string) => boolean;
}

/**
 * The book with what is open now: what is new, has risen, is over or came back since it was written. Nobody was told
 * anything by that. The same book when nothing of it changed.
 */
export function takeNote(book: AlertBook, seen: Seen): AlertBook {
  const before = book.alerts ?? {};
  const after = new Map(Object.entries(before));
  let changed = false;
  const put = (fingerprint: string, alert: AlertFact | undefined): void => {
    if (alert === after.get(fingerprint)) return;
    changed = true;
    if (alert === undefined) after.delete(fingerprint);
    else after.set(fingerprint, alert);
  };
  const warnings = warningsIn(book);
  const overdue = new Set<string>();
  for (const [fingerprint, subject] of seen.subjects) {
    const { level, document, finding, snoozed } = subject;
    if (!isInScope(level, document?.metadata.name, seen)) continue;
    if (finding.code === "rotation-overdue") overdue.add(matterOf(finding));
    const known = after.get(fingerprint);
    if (known !== undefined) put(fingerprint, stillOpen(known, subject, seen.now));
    else if (!snoozed) put(fingerprint, opened(subject, warnings, seen));
  }
  for (const [fingerprint, alert] of Object.entries(before)) {
    if (seen.subjects.has(fingerprint) || seen.unrouted.has(fingerprint) || seen.incomplete) continue;
    const hasRisen = alert.code === "rotation-due" && overdue.has(matterOf(alert));
    if (isInScope(alert.level, alert.credential, seen)) put(fingerprint, over(alert, hasRisen, seen));
  }
  for (const [fingerprint, { subject, to }] of seen.ended) {
    if (after.has(fingerprint) || to.length === 0) continue;
    const told = to.map((name): Told => ({ to: name, level: subject.level, at: seen.now, named: true }));
    put(fingerprint, { ...opened(subject, warnings, seen), told, gone: true });
  }
  return changed ? { ...book, alerts: Object.fromEntries(after) } : book;
}

/** Whether a run is about an alert at all. */
export function isInScope(
  level: AlertLevel,
  credential: string | undefined,
  { only }: Pick<Seen, "only">,
): boolean {
  return only === undefined || (level === "emergency" && credential !== undefined && only.has(credential));
}

/** What a rotation that is due and the same one overdue have in common. */
function matterOf({
  credential,
  policy,
}: {
  readonly credential?: string | null;
  readonly policy?: string | null;
}): string {
  return `${credential ?? ""} ${policy ?? ""}`;
}

/** Warnings of rotations that are due, by what they are about. */
function warningsIn({ alerts = {} }: AlertBook): ReadonlyMap<string, AlertFact> {
  const all = Object.values(alerts).filter(({ code }) => code === "rotation-due");
  return new Map(all.map((alert) => [matterOf(alert), alert]));
}

/**
 * A new alert. A deadline that has passed is a rise for whoever was warned of it, save for a pager, for which each is
 * an incident of its own.
 */
function opened(
  { finding, level, within }: Subject,
  warnings: ReadonlyMap<string, AlertFact>,
  { now, namesOnly }: Seen,
): AlertFact {
  const { code, credential, policy } = finding;
  const warned = code === "rotation-overdue" ? warnings.get(matterOf(finding)) : undefined;
  return {
    code,
    ...(credential === null ? {} : { credential }),
    ...(policy === null ? {} : { policy }),
    level,
    ...(within === undefined ? {} : { within }),
    since: now,
    changed: now,
    told: warned?.snoozed === true ? [] : (warned?.told ?? []).filter(({ to }) => !namesOnly(to)),
  };
}

function stillOpen(alert: AlertFact, subject: Subject, now: Instant): AlertFact {
  const { snoozed } = subject;
  const back = alert.gone === true ? came(alert, now) : alert;
  if (snoozed) return back.snoozed === true ? back : { ...back, snoozed: true };
  const awake = back.snoozed === true ? awoken(back, now) : back;
  if (isWorse(subject, awake)) return { ...atLevel(awake, subject), changed: now };
  // What was told has become less: when it rises again that is told again.
  if (isWorse(awake, subject)) {
    const told = awake.told.map((one) => (isWorse(one, subject) ? atLevel(one, subject) : one));
    return { ...atLevel(awake, subject), told };
  }
  return awake;
}

function came(alert: AlertFact, now: Instant): AlertFact {
  const { gone: _, ...rest } = alert;
  return { ...rest, changed: now };
}

function awoken(alert: AlertFact, now: Instant): AlertFact {
  const { snoozed: _, escalated: __, ...rest } = alert;
  return { ...rest, changed: now, told: [] };
}

function atLevel<T extends { readonly level: AlertLevel; readonly within?: number }>(
  fact: T,
  { level, within }: Severity,
): T {
  const { within: _, ...rest } = fact;
  // `as`: the same type with another level.
  return { ...rest, level, ...(within === undefined ? {} : { within }) } as T;
}

/** Of a time without runs people hear when it is over already. */
const OVER_WHEN_TOLD: ReadonlySet<string> = new Set(["enforcer-late"]);

/** Undefined: nobody needs to hear that it is over, or nobody can. */
function over(alert: AlertFact, hasRisen: boolean, { now, namesOnly, exists }: Seen): AlertFact | undefined {
  const isNoNews = hasRisen || OVER_WHEN_TOLD.has(alert.code);
  const told = alert.told.filter(
    ({ to, named }) => exists(to) && (namesOnly(to) ? named === true : !isNoNews),
  );
  if (told.length === 0) return undefined;
  if (alert.gone === true && told.length === alert.told.length) return alert;
  return { ...alert, told, changed: alert.gone === true ? alert.changed : now, gone: true };
}
