import { type AlertLevel, excerptOf, sumOf } from "../../../core/messages/excerpt.ts";
import { alertWords, hiddenWords, placeWords, webAddress } from "../../../core/messages/words.ts";
import type { Alert, Message } from "../../../core/ports/channel.ts";
import { plainText } from "../../../core/text/encode/plain-text.ts";
import { plainLine } from "../../../core/text/plain-line.ts";
import { within } from "../../../core/text/within.ts";

/** https://developer.pagerduty.com/docs/send-alert-event: characters of the summary and of the key. */
const SUMMARY_LENGTH = 1024;
const KEY_LENGTH = 255;
/** Events of one message, each a request; those beyond are counted in one of their own. */
const MOST_EVENTS = 50;

const SEVERITIES: Readonly<Record<AlertLevel, "critical" | "error" | "warning">> = {
  emergency: "critical",
  critical: "error",
  warning: "warning",
};

interface Trigger {
  readonly event_action: "trigger";
  readonly dedup_key: string;
  readonly client: "Credential Rotation Enforcer";
  readonly client_url?: string;
  readonly links: readonly { readonly href: string; readonly text: string }[];
  readonly payload: {
    readonly summary: string;
    readonly source: string;
    readonly severity: "critical" | "error" | "warning";
    readonly timestamp: string;
    readonly component?: string;
    readonly group?: string;
    readonly class: string;
    readonly custom_details: Readonly<Record<string, string>>;
  };
}

/** An event of the Events API v2, without the key of whom it goes to. */
export type PagerEvent =
  | Trigger
  | { readonly event_action: "acknowledge" | "resolve"; readonly dedup_key: string };

/**
 * The events of a message, one for each alert, and one for those that there is no room for. The pager knows an alert
 * by place and fingerprint, so that telling it again opens nothing new, and its recovery closes what it opened.
 */
export function pagerEvents(message: Message): readonly PagerEvent[] {
  const excerpt = excerptOf(message, MOST_EVENTS);
  const { emergency, critical, warning } = excerpt.hidden;
  const open = sumOf({ emergency, critical, warning, recovered: 0 });
  return [...excerpt.shown.map((alert) => eventOf(alert, message)), ...(open === 0 ? [] : [moreEvent()])];

  function moreEvent(): Trigger {
    const level = emergency > 0 ? "emergency" : critical > 0 ? "critical" : "warning";
    const summary = `${placeWords(message)}: ${hiddenWords(excerpt) ?? ""}`;
    return trigger(message, "more", summary, {
      severity: SEVERITIES[level],
      timestamp: message.at,
      class: "more",
      custom_details: { fix: "look at the dashboard, and resolve this by hand: it stands for many" },
    });
  }
}

function eventOf(alert: Alert, message: Message): PagerEvent {
  const { fingerprint, occasion, credential, service, team, code, level, since } = alert;
  if (occasion === "recovered") return { event_action: "resolve", dedup_key: keyOf(message, fingerprint) };
  if (occasion === "answered") return { event_action: "acknowledge", dedup_key: keyOf(message, fingerprint) };
  const { title, problem, fix, facts, command, url } = alertWords(alert);
  return trigger(
    message,
    fingerprint,
    `${title}: ${problem}`,
    {
      severity: SEVERITIES[level],
      timestamp: since,
      ...named("component", credential),
      ...named("group", team ?? service),
      class: plainText(code, 200) || "alert",
      custom_details: Object.fromEntries([
        ["fix", plainText(fix, 2000)],
        ["command", plainText(command, 200)],
        ...facts.map(([name, value]) => [name.toLowerCase(), plainText(value, 500)]),
      ]) as Record<string, string>, // `Object.fromEntries` of pairs of texts
    },
    url,
  );
}

function trigger(
  message: Message,
  key: string,
  summary: string,
  payload: Omit<Trigger["payload"], "summary" | "source">,
  url?: string,
): Trigger {
  const dashboard = webAddress(message.url);
  return {
    event_action: "trigger",
    dedup_key: keyOf(message, key),
    client: "Credential Rotation Enforcer",
    ...(dashboard === undefined ? {} : { client_url: dashboard }),
    links: url === undefined ? [] : [{ href: url, text: "Issue or document" }],
    payload: {
      summary: within(plainText, summary, SUMMARY_LENGTH),
      source: plainText(placeWords(message), 200),
      ...payload,
    },
  };
}

/** Nothing where there is nothing to read. */
function named(field: "component" | "group", text: string | undefined): Partial<Trigger["payload"]> {
  const words = plainText(text ?? "", 200);
  return words === "" ? {} : { [field]: words };
}

/** The end tells alerts apart, so it is the place that is cut. */
function keyOf(message: Message, key: string): string {
  const end = `/${plainLine(key, 64)}`;
  return `${within(plainLine, placeWords(message), KEY_LENGTH - end.length)}${end}`;
}
