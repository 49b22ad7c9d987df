import { type Static, Type } from "typebox";
import { Count, nullable, shape } from "../evaluate/schema-shapes.ts";
import type { Message } from "../ports/channel.ts";
import { plainLine } from "../text/plain-line.ts";
import { type Excerpt, fitting } from "./excerpt.ts";
import { alertWords, headline } from "./words.ts";

/** Most alerts of one notice, and bytes of all of it. */
const MOST_ALERTS = 200;
const LARGEST = 256 * 1024;
const TEXT_LENGTH = 2000;

const word = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Unsafe<T[number]>({ type: "string", enum: [...values], description });
const said = (description: string) => Type.String({ maxLength: TEXT_LENGTH * 2, description });
const instant = (description: string) =>
  Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$", description });
const AlertRow = shape({
  fingerprint: Type.String({
    minLength: 1,
    maxLength: 64,
    description: "The same for the same problem at all times.",
  }),
  occasion: word(["new", "raised", "escalated", "reminder", "answered", "recovered"], "Why it is told now."),
  level: word(["warning", "critical", "emergency"], "How urgent it is, or was."),
  code: said("Code of the finding."),
  credential: nullable(said("Null: it is about the repository or the enforcer.")),
  service: nullable(said("The owning service.")),
  team: nullable(said("The owning team.")),
  title: said("In a few words."),
  message: said("The problem with its evidence."),
  fix: said("What to do."),
  since: instant("Since when, as far as is known."),
  dueAt: nullable(instant("When the credential is due.")),
  command: said("What tells more, in a terminal."),
  url: nullable(said("Its issue or document.")),
});

/** What a `webhook` channel gets. Published as `alert`. */
export const AlertNotice = shape({
  apiVersion: Type.Literal("cre/v1"),
  kind: Type.Literal("Alert"),
  id: said("The same when the same notice is sent again."),
  sent: word(["immediate", "digest"], "At once, or the daily digest."),
  level: nullable(word(["warning", "critical", "emergency"], "The highest; null: recoveries alone.")),
  place: said("The repository."),
  headline: said("All of it in a line."),
  at: instant("When it was written."),
  url: nullable(said("The dashboard.")),
  alerts: Type.Array(AlertRow, { maxItems: MOST_ALERTS, description: "Most urgent first." }),
  more: shape({ emergency: Count, critical: Count, warning: Count, recovered: Count }),
});
export type AlertNotice = Static<typeof AlertNotice>;

/** A message as data; texts are plain lines, and not encoded for any sink. */
export function alertNotice(message: Message): AlertNotice {
  return fitting(
    message,
    MOST_ALERTS,
    noticeOf,
    (notice) => new TextEncoder().encode(JSON.stringify(notice)).length <= LARGEST,
  );
}

function line(text: string): string {
  return plainLine(text, TEXT_LENGTH);
}

function orNull(text: string | undefined): string | null {
  return text === undefined ? null : line(text);
}

function noticeOf({ message, shown, hidden }: Excerpt): AlertNotice {
  return {
    apiVersion: "cre/v1",
    kind: "Alert",
    id: line(message.id),
    sent: message.kind,
    level: message.level ?? null,
    place: line(message.place),
    headline: line(headline(message)),
    at: message.at,
    url: orNull(message.url),
    alerts: shown.map((alert) => ({
      fingerprint: plainLine(alert.fingerprint, 64),
      occasion: alert.occasion,
      level: alert.level,
      code: line(alert.code),
      credential: orNull(alert.credential),
      service: orNull(alert.service),
      team: orNull(alert.team),
      title: line(alertWords(alert).title),
      message: line(alert.message),
      fix: line(alert.fix),
      since: alert.since,
      dueAt: alert.dueAt ?? null,
      command: line(alertWords(alert).command),
      url: orNull(alertWords(alert).url),
    })),
    more: { ...hidden },
  };
}
