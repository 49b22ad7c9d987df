import { type Excerpt, fitting } from "../../../core/messages/excerpt.ts";
import {
  alertSign,
  alertWords,
  headline,
  hiddenWords,
  placeWords,
  webAddress,
} from "../../../core/messages/words.ts";
import type { Alert, Message } from "../../../core/ports/channel.ts";
import { slackCode, slackLink, slackPlainText, slackText } from "../../../core/text/encode/slack-mrkdwn.ts";
import { within } from "../../../core/text/within.ts";

/** https://docs.slack.dev/reference/block-kit/blocks: blocks of a message, and characters of their texts. */
const MOST_BLOCKS = 50;
const HEADER_LENGTH = 150;
const SECTION_LENGTH = 3000;
/** Characters of everything: what Slack lets through of a text, so that no part of it is near what it refuses. */
const MESSAGE_LENGTH = 40_000;
/** Header, what there is no room for, and the place take three of the blocks. */
const MOST_ALERTS = MOST_BLOCKS - 3;

interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
  readonly emoji: false;
}
interface Mrkdwn {
  readonly type: "mrkdwn";
  readonly text: string;
  /** Slack makes no links and mentions of plain words. */
  readonly verbatim: true;
}
type Block =
  | { readonly type: "header"; readonly text: PlainText }
  | { readonly type: "section"; readonly text: Mrkdwn }
  | { readonly type: "context"; readonly elements: readonly Mrkdwn[] };

/** What Slack gets, by an incoming webhook or (with its channel) by `chat.postMessage`. */
export interface SlackMessage {
  /** For notifications, and for programs that show no blocks. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** A message in Block Kit, within Slack's limits. */
export function slackMessage(message: Message): SlackMessage {
  return fitting(
    message,
    MOST_ALERTS,
    render,
    (rendered) => JSON.stringify(rendered).length <= MESSAGE_LENGTH,
  );
}

function render(excerpt: Excerpt): SlackMessage {
  const { message, shown } = excerpt;
  const hidden = hiddenWords(excerpt);
  const dashboard = webAddress(message.url);
  const head = headline(message);
  return {
    text: within(slackText, head, SECTION_LENGTH),
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: within(slackPlainText, head, HEADER_LENGTH), emoji: false },
      },
      ...shown.map((alert): Block => ({ type: "section", text: mrkdwn(alertText(alert)) })),
      ...(hidden === undefined ? [] : [{ type: "section", text: mrkdwn(slackText(hidden)) } as const]),
      {
        type: "context",
        elements: [mrkdwn(`${within(slackText, placeWords(message), 300)}${link("dashboard", dashboard)}`)],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

function alertText(alert: Alert): string {
  const { title, problem, fix, facts, command, url } = alertWords(alert);
  return [
    `${alertSign(alert)} *${within(slackText, title, 200)}*`,
    within(slackText, problem, 900),
    `*Fix:* ${within(slackText, fix, 700)}`,
    facts.map(([name, value]) => `${name}: ${within(slackText, value, 100)}`).join(" · "),
    `${slackCode(command)}${link("open", url)}`,
  ].join("\n");
}

function link(text: string, url: string | undefined): string {
  const written = slackLink(text, url);
  return url === undefined || written.length > 1100 ? "" : ` · ${written}`;
}

function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true };
}
