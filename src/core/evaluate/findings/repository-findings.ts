import { secondsBetween } from "../../model/instant.ts";
import type { Circumstances } from "../circumstances.ts";
import type { JudgedException } from "../exceptions.ts";
import type { Finding } from "../finding.ts";
import { discoveryDrafts } from "./discovery-findings.ts";
import { type FindingDraft, makeFinding } from "./make-finding.ts";
import { removedDrafts } from "./removed-findings.ts";
import { watchDrafts } from "./watch-findings.ts";

/** Days before its end at which people are reminded of an exception, the last one first. */
const REMINDERS = [1, 7, 14] as const;
const DAY = 86_400;

/** What is wrong with the repository as a whole: exceptions, records without documents, the enforcer itself. */
export function repositoryFindings(circumstances: Circumstances): readonly Finding[] {
  const { sha256 } = circumstances.input;
  return [
    ...circumstances.exceptions.flatMap((exception) => exceptionDrafts(exception, circumstances)),
    ...removedDrafts(circumstances),
    ...discoveryDrafts(circumstances),
    ...watchDrafts(circumstances.input),
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
    const { code, reason, remedy, url } = nullity;
    const facts = { exception: name, reason, remedy, ...(url === undefined ? {} : { url }) };
    return [{ ...about, code, facts }];
  }
  if (phase === "future") return [];
  const seconds = secondsBetween(input.now, expiresAt);
  const within = REMINDERS.find((days) => seconds <= days * DAY);
  if (within === undefined) return [];
  const days = Math.ceil(seconds / DAY);
  return [{ ...about, code: "exception-expiring", facts: { exception: name, expiresAt, days, within } }];
}
