import { instantOf } from "../../core/model/instant.ts";
import type { Alert, Message } from "../../core/ports/channel.ts";
import { messageOf, NOON, sampleAlerts } from "../../tools/sample-message.ts";

/** What stands in documents of people who mean no good, or never thought of this sink. */
export const BAD_TEXTS: readonly string[] = [
  "@everyone @here @user <!channel> <!here|x> <@U0123ABCD> <@&99> <#C0123ABCD> <at>all</at>",
  "[x](javascript:alert(1)) ![x](https://e.example/p.png) <https://e.example|bank> https://e.example www.e.example",
  "::set-output name=a::b ##[add-mask]c",
  "\u202egnp.exe\u2066 in\u200bvisible \u{e0041}",
  "first\r\nBcc: victim@e.example\r\n\r\n<h1>body</h1>",
  "</td></table><script>alert(1)</script><img src=https://e.example/p.png onerror=x>",
  "*bold* _it_ ~~gone~~ ||spoiler|| `code` ``` # head > quote - list 1. one",
  "{{DATE(2026-01-01)}} ${secret} &lt;b&gt; &#64;",
  "x".repeat(10_000),
  "&<>\"'*_~|`".repeat(1000),
  "🔑".repeat(5000),
  "\ud800 lone",
  "",
];

/** A message all of whose texts are one of those. */
export function badMessage(text: string): Message {
  const name = text === "" ? undefined : text;
  const alert: Alert = {
    fingerprint: "0b54f2c9d1a7e386",
    occasion: "new",
    level: "critical",
    code: text,
    credential: name,
    service: name,
    team: name,
    message: text,
    fix: text,
    since: instantOf(NOON),
    dueAt: undefined,
    url: `javascript:${text}`,
  };
  const web: Alert = {
    ...alert,
    fingerprint: "1b54f2c9d1a7e386",
    url: `https://a.example/?q=${encodeURI(text.toWellFormed()).slice(0, 5000)}|>)"`,
  };
  return messageOf([alert, web], { place: text === "" ? "x" : text, level: "critical" });
}

/** 50 alerts with long texts, and 10,000 more. */
export function hugeMessage(): Message {
  const [, overdue] = sampleAlerts();
  if (overdue === undefined) throw new Error("no sample");
  const alerts = Array.from(
    { length: 50 },
    (_, at): Alert => ({
      ...overdue,
      fingerprint: at.toString(16).padStart(16, "0"),
      credential: `credential-${at}`,
      message: `credential-${at} is overdue & "late" <since long>, for reasons that take many words. `.repeat(
        12,
      ),
      fix: "do what the runbook of the team says, step by step, and tell the others. ".repeat(10),
    }),
  );
  return messageOf(alerts, { more: { critical: 9000, warning: 1000 }, level: "critical" });
}
