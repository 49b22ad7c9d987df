import { SETTINGS_DEFAULTS } from "../../documents/settings.ts";
import { addTo, durationSeconds, parseInstant, secondsBetween } from "../../model/instant.ts";
import { canAuthenticate } from "../../rotation/reconcile.ts";
import type { Circumstances } from "../circumstances.ts";
import type { JudgedException } from "../exceptions.ts";
import type { Finding } from "../finding.ts";
import { type FindingDraft, makeFinding } from "./make-finding.ts";

/** Days before its end at which people are reminded of an exception, the last one first. */
const REMINDERS = [1, 7, 14] as const;
const DAY = 86_400;

/** What is wrong with the repository as a whole: exceptions, records without documents, a schedule that stopped. */
export function repositoryFindings(circumstances: Circumstances): readonly Finding[] {
  const { sha256 } = circumstances.input;
  return [
    ...circumstances.exceptions.flatMap((exception) => exceptionDrafts(exception, circumstances)),
    ...removedDrafts(circumstances),
    ...lateDrafts(circumstances),
  ].map((draft) => makeFinding(draft, sha256));
}

function exceptionDrafts(exception: JudgedException, { input }: Circumstances): readonly FindingDraft[] {
  const { name, source, phase, expiresAt, void: nullity } = exception;
  const { policy } = source.document.spec;
  const about = {
    level: "warning",
    discriminator: name,
    source,
    ...(policy === undefined ? {} : { policy }),
  } as const;
  if (phase === "expired") {
    return [{ ...about, code: "exception-expired", facts: { exception: name, expiresAt } }];
  }
  if (nullity !== undefined) {
    return [{ ...about, code: nullity.code, facts: { exception: name, reason: nullity.reason } }];
  }
  if (phase === "future") return [];
  const seconds = secondsBetween(input.now, expiresAt);
  const within = REMINDERS.find((days) => seconds <= days * DAY);
  if (within === undefined) return [];
  const days = Math.ceil(seconds / DAY);
  return [{ ...about, code: "exception-expiring", facts: { exception: name, expiresAt, days, within } }];
}

/** A record whose document vanished while versions live on. One that is merely invalid did not vanish. */
function removedDrafts({ input }: Circumstances): readonly FindingDraft[] {
  const { documents, state, now, incomplete } = input;
  if (incomplete === true) return [];
  return [...state.statuses].flatMap(([credential, { versions, service }]): FindingDraft[] => {
    const handles = versions.filter((version) => canAuthenticate(version, now)).map(({ handle }) => handle);
    if (documents.credentials.has(credential) || handles.length === 0) return [];
    const facts = { live: handles.length, handles: handles.join(", "), service };
    return [{ code: "removed-without-retirement", level: "critical", credential, facts }];
  });
}

/** Silence must mean health: the trail says when a run last happened. */
function lateDrafts({ input }: Circumstances): readonly FindingDraft[] {
  const { documents, state, now } = input;
  const newest = parseInstant(state.auditHead?.time ?? "");
  if (newest === undefined) return [];
  const every = documents.settings?.document.spec.schedule?.every ?? SETTINGS_DEFAULTS.every;
  if (addTo(newest, 2 * durationSeconds(every)) >= now) return [];
  return [{ code: "enforcer-late", level: "critical", facts: { newest, every } }];
}
