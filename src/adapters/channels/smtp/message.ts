import { type Excerpt, fitting } from "../../../core/messages/excerpt.ts";
import {
  type AlertWords,
  alertSign,
  alertWords,
  headline,
  hiddenWords,
  placeWords,
  webAddress,
} from "../../../core/messages/words.ts";
import type { Alert, Message } from "../../../core/ports/channel.ts";
import { htmlLink, htmlText } from "../../../core/text/encode/html.ts";
import { mailHeader } from "../../../core/text/encode/mail-header.ts";
import { plainText } from "../../../core/text/encode/plain-text.ts";

/** More is no mail that anybody reads; Gmail cuts HTML of more than about 102 KB. */
const MOST_ALERTS = 100;
const HTML_LENGTH = 90_000;

/** What stands in a mail, but for whom it is from and to. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A message as a mail, in HTML and in plain text that say the same. */
export function mailText(message: Message): MailText {
  return fitting(message, MOST_ALERTS, render, ({ html }) => html.length <= HTML_LENGTH);
}

function render(excerpt: Excerpt): MailText {
  const head = headline(excerpt.message);
  // The headline of a single one says so itself.
  const isUrgent = excerpt.message.level === "emergency" && !head.startsWith("Emergency");
  const urgent = isUrgent ? "EMERGENCY " : "";
  return { subject: mailHeader(`[cre] ${urgent}${head}`), text: textPart(excerpt), html: htmlPage(excerpt) };
}

function textPart(excerpt: Excerpt): string {
  const { message, shown } = excerpt;
  const hidden = hiddenWords(excerpt);
  const url = webAddress(message.url);
  return [
    plainText(headline(message), 300),
    ...shown.map(plainAlert),
    ...(hidden === undefined ? [] : [hidden]),
    [
      ...(url === undefined ? [] : [`Dashboard: ${url}`]),
      `Sent by the Credential Rotation Enforcer of ${plainText(placeWords(message), 200)}.`,
    ].join("\n"),
  ].join("\n\n");
}

function plainAlert(alert: Alert): string {
  const { title, problem, fix, facts, command, url } = alertWords(alert);
  return [
    plainText(title, 200),
    `  ${plainText(problem, 900)}`,
    `  Fix: ${plainText(fix, 700)}`,
    ...facts.map(([name, value]) => `  ${name}: ${plainText(value, 100)}`),
    `  More: ${plainText(command, 100)}`,
    ...(url === undefined ? [] : [`  ${url}`]),
  ].join("\n");
}

/**
 * No colour of its own for text or background: programs that show mail on dark turn both, or neither. No style sheet
 * beyond attributes, which some take out; nothing from elsewhere, which would tell somebody that the mail was read.
 */
function htmlPage(excerpt: Excerpt): string {
  const { message, shown } = excerpt;
  const hidden = hiddenWords(excerpt);
  const url = webAddress(message.url);
  const head = htmlText(headline(message), 300);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<meta name="color-scheme" content="light dark"><title>${head}</title></head>`,
    '<body style="margin:0;padding:12px;font-family:sans-serif;font-size:15px;line-height:1.4">',
    `<h1 style="font-size:19px;margin:0 0 12px">${head}</h1>`,
    ...shown.map(htmlAlert),
    ...(hidden === undefined ? [] : [`<p>${htmlText(hidden)}</p>`]),
    `<p style="font-size:13px">${url === undefined ? "" : `${htmlLink("Dashboard", url)} · `}Sent by the Credential Rotation Enforcer of ${htmlText(placeWords(message), 200)}.</p>`,
    "</body></html>",
    "",
  ].join("\n");
}

function htmlAlert(alert: Alert): string {
  const words = alertWords(alert);
  const rows: readonly (readonly [string, string])[] = [
    ["Fix", htmlText(words.fix, 700)],
    ...words.facts.map(([name, value]) => [name, htmlText(value, 100)] as const),
    ["More", commandCell(words)],
  ];
  return [
    `<h2 style="font-size:16px;margin:16px 0 4px">${alertSign(alert)} ${htmlText(words.title, 200)}</h2>`,
    `<p style="margin:0 0 4px;overflow-wrap:anywhere">${htmlText(words.problem, 900)}</p>`,
    '<table role="presentation" style="border-collapse:collapse;width:100%;max-width:640px">',
    ...rows.map(
      ([name, cell]) =>
        `<tr><td style="padding:2px 8px 2px 0;vertical-align:top;width:5em">${name}</td><td style="padding:2px 0;overflow-wrap:anywhere">${cell}</td></tr>`,
    ),
    "</table>",
  ].join("\n");
}

function commandCell({ command, url }: AlertWords): string {
  return `<code>${htmlText(command, 100)}</code>${url === undefined ? "" : ` · ${htmlLink("open", url)}`}`;
}
