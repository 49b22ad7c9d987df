import type { Finding } from "../evaluate/finding.ts";
import { findingText } from "../evaluate/message.ts";
import type { Instant } from "../model/instant.ts";
import type { Alert, Message } from "../ports/channel.ts";
import type { Item } from "./due.ts";
import { type PlannedMessage, worstOf } from "./plan-messages.ts";
import type { AlertLevel } from "./subject.ts";

/** What words need beside the plan. */
export interface Surroundings {
  readonly place: string;
  readonly now: Instant;
  readonly dashboard: string | undefined;
  /** Every finding there is now, told or not, by fingerprint. */
  readonly findings: ReadonlyMap<string, Finding>;
  /** Service and team of a credential, should its document be there. */
  readonly ownerOf: (credential: string) => { readonly service: string; readonly team: string } | undefined;
  /** Why the compromise of a credential is told no more. */
  readonly compromiseOver: (credential: string) => string;
  readonly urlOf: (fingerprint: string, finding: Finding | undefined) => string | undefined;
}

/** A planned message as a channel takes it. */
export function messageText(planned: PlannedMessage, around: Surroundings): Message {
  const { id, kind, named, counted } = planned;
  const more: Partial<Record<AlertLevel, number>> = {};
  let moreRecovered = 0;
  for (const { level, occasion } of counted) {
    if (occasion === "recovered") moreRecovered += 1;
    else more[level] = (more[level] ?? 0) + 1;
  }
  return {
    id,
    kind,
    level: worstOf(planned),
    place: around.place,
    alerts: named.map((item) => alertOf(item, around)),
    more,
    ...(moreRecovered === 0 ? {} : { moreRecovered }),
    at: around.now,
    url: around.dashboard,
  };
}

function alertOf({ fingerprint, occasion, level, fact, subject }: Item, around: Surroundings): Alert {
  const { credential, code, since } = fact;
  const finding = subject?.finding ?? around.findings.get(fingerprint);
  const owner = credential === undefined ? undefined : around.ownerOf(credential);
  return {
    fingerprint,
    occasion,
    level,
    code,
    credential,
    service: owner?.service,
    team: owner?.team,
    ...(subject === undefined
      ? { message: endText(fact, finding, around), fix: "Nothing is left to do." }
      : findingText(subject.finding)),
    since,
    dueAt: subject?.dueAt,
    url: around.urlOf(fingerprint, finding),
  };
}

/** Why nobody is told of it any longer. */
function endText(
  { code, credential }: Item["fact"],
  finding: Finding | undefined,
  { compromiseOver }: Surroundings,
): string {
  const what = `${credential ?? "The repository"}: ${code}`;
  if (finding === undefined && code === "compromised" && credential !== undefined) {
    return compromiseOver(credential);
  }
  if (finding === undefined) return `${what} is over.`;
  if (finding.waivedBy !== null) return `${what} is waived by the exception ${finding.waivedBy}.`;
  return `${what} is being dealt with and needs nobody.`;
}
