import type { Instant } from "../model/instant.ts";
import type { Alert, Message } from "../ports/channel.ts";
import { plainLine } from "../text/plain-line.ts";
import {
  ALERT_LEVELS,
  type AlertLevel,
  type Counts,
  countsOf,
  type Excerpt,
  excerptOf,
  sumOf,
} from "./excerpt.ts";

const LEVEL_WORDS: Readonly<Record<AlertLevel, readonly [one: string, many: string]>> = {
  emergency: ["emergency", "emergencies"],
  critical: ["critical", "critical"],
  warning: ["warning", "warnings"],
};

/** Plain texts, of which some are people's: every sink encodes them whole. */
export interface AlertWords {
  readonly title: string;
  readonly problem: string;
  readonly fix: string;
  /** Names with their values, in the order in which they are read. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What tells more about it, to be typed into a terminal. */
  readonly command: string;
  /** Web address of its issue or document; undefined: none that is https. */
  readonly url: string | undefined;
}

/** The first line of a message: what is new, and where. */
export function headline(message: Message): string {
  const { alerts, kind } = message;
  const place = placeWords(message);
  const { hidden } = excerptOf(message, alerts.length);
  const [only] = alerts;
  if (kind === "immediate" && alerts.length === 1 && only !== undefined && sumOf(hidden) === 0) {
    return `${alertTitle(only)} in ${place}`;
  }
  const told = countsOf(alerts);
  const all = { ...told };
  for (const level of ALERT_LEVELS) all[level] += hidden[level];
  return `${kind === "digest" ? "Daily digest of " : ""}${place}: ${countWords(all)}`;
}

/** `2 critical, 1 warning, 3 recovered`. */
function countWords(counts: Counts): string {
  const words = ALERT_LEVELS.filter((level) => counts[level] > 0).map((level) => {
    const [one, many] = LEVEL_WORDS[level];
    return `${thousands(counts[level])} ${counts[level] === 1 ? one : many}`;
  });
  const recovered = counts.recovered > 0 ? [`${thousands(counts.recovered)} recovered`] : [];
  return [...words, ...recovered].join(", ") || "nothing new";
}

/** What is said of the alerts that there is no room for; undefined: there are none. */
export function hiddenWords({ hidden }: Excerpt): string | undefined {
  return sumOf(hidden) === 0 ? undefined : `and more: ${countWords(hidden)}`;
}

function thousands(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

export function alertTitle(alert: Alert): string {
  const level = LEVEL_WORDS[alert.level][0];
  const subject = orElse(alert.credential ?? "", orElse(alert.service ?? "", "this repository"));
  const beginnings = {
    new: capital(level),
    raised: `Raised to ${level}`,
    escalated: `Unanswered, ${level}`,
    reminder: `Reminder, ${level}`,
    answered: `Answered, still ${level}`,
    recovered: "Recovered",
  } as const;
  return `${beginnings[alert.occasion]}: ${subject}`;
}

const SIGNS: Readonly<Record<AlertLevel, string>> = { emergency: "🚨", critical: "🔴", warning: "🟡" };

/** One sign for what kind of alert it is, for those who only glance. Words say the same. */
export function alertSign({ occasion, level }: Alert): string {
  return occasion === "recovered" ? "🟢" : SIGNS[level];
}

/** One alert in words. */
export function alertWords(alert: Alert): AlertWords {
  const isOver = alert.occasion === "recovered";
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Service", alert.service],
    ["Team", alert.team],
    ["Due", alert.dueAt === undefined || isOver ? undefined : instantWords(alert.dueAt)],
    ["Since", instantWords(alert.since)],
    ["Finding", alert.code],
  ];
  return {
    title: alertTitle(alert),
    problem: orElse(alert.message, "no details"),
    fix: isOver ? "nothing, it is over" : orElse(alert.fix, "see the command"),
    facts: facts.flatMap(([name, value]) =>
      orElse(value ?? "", "") === "" ? [] : [[name, value ?? ""] as const],
    ),
    command: `cre explain ${alert.fingerprint}`,
    url: webAddress(alert.url),
  };
}

/** Where the message comes from. */
export function placeWords({ place }: Message): string {
  return orElse(place, "this repository");
}

/** No sink takes an empty text, and none shows one of which nothing can be seen. */
function orElse(text: string, other: string): string {
  return plainLine(text) === "" ? other : text;
}

/** `2026-11-30 08:15 UTC`. */
function instantWords(instant: Instant): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

/** An address that a person may be led to; undefined for any other than https, and for one that no sink takes. */
export function webAddress(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address);
  return url?.protocol === "https:" && url.username === "" && url.password === "" && url.href.length <= 1000
    ? url.href
    : undefined;
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
