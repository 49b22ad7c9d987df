import { type AlertLevel, type Excerpt, fitting } from "../../../core/messages/excerpt.ts";
import { alertSign, alertWords, headline, hiddenWords, webAddress } from "../../../core/messages/words.ts";
import type { Alert, Message } from "../../../core/ports/channel.ts";
import { adaptiveText } from "../../../core/text/encode/adaptive-text.ts";
import { within } from "../../../core/text/within.ts";

/** Bytes of a whole message of an incoming webhook or workflow; the vendor's 28 KB, read as thousands. */
const MESSAGE_BYTES = 28_000;
const MOST_ALERTS = 30;

const COLOURS: Readonly<Record<AlertLevel | "recovered", "attention" | "warning" | "good">> = {
  emergency: "attention",
  critical: "attention",
  warning: "warning",
  recovered: "good",
};

interface TextBlock {
  readonly type: "TextBlock";
  readonly text: string;
  readonly wrap: true;
  readonly size?: "large";
  readonly weight?: "bolder";
  readonly color?: "attention" | "warning" | "good";
  readonly isSubtle?: true;
  readonly spacing?: "small";
}
interface Container {
  readonly type: "Container";
  readonly separator: true;
  readonly items: readonly (TextBlock | FactSet)[];
}
interface FactSet {
  readonly type: "FactSet";
  readonly facts: readonly { readonly title: string; readonly value: string }[];
}
interface OpenUrl {
  readonly type: "Action.OpenUrl";
  readonly title: string;
  readonly url: string;
}

export interface AdaptiveCard {
  readonly $schema: "http://adaptivecards.io/schemas/adaptive-card.json";
  readonly type: "AdaptiveCard";
  readonly version: "1.5";
  readonly fallbackText: string;
  readonly body: readonly (TextBlock | Container)[];
  readonly actions?: readonly OpenUrl[];
}

/** What the webhook of a Teams workflow gets: one card. */
export interface TeamsMessage {
  readonly type: "message";
  readonly attachments: readonly [
    {
      readonly contentType: "application/vnd.microsoft.card.adaptive";
      readonly contentUrl: null;
      readonly content: AdaptiveCard;
    },
  ];
}

/** A message as an Adaptive Card, within the limits of Teams. */
export function teamsMessage(message: Message): TeamsMessage {
  return fitting(
    message,
    MOST_ALERTS,
    (excerpt): TeamsMessage => ({
      type: "message",
      attachments: [
        {
          contentType: "application/vnd.microsoft.card.adaptive",
          contentUrl: null,
          content: cardOf(excerpt),
        },
      ],
    }),
    (rendered) => new TextEncoder().encode(JSON.stringify(rendered)).length <= MESSAGE_BYTES,
  );
}

function cardOf(excerpt: Excerpt): AdaptiveCard {
  const { message, shown } = excerpt;
  const head = within(adaptiveText, headline(message), 300);
  const hidden = hiddenWords(excerpt);
  const url = webAddress(message.url);
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.5",
    fallbackText: head,
    body: [
      { type: "TextBlock", text: head, wrap: true, size: "large", weight: "bolder" },
      ...shown.map(containerOf),
      ...(hidden === undefined
        ? []
        : [{ type: "TextBlock", text: adaptiveText(hidden), wrap: true } as const]),
    ],
    ...(url === undefined ? {} : { actions: [{ type: "Action.OpenUrl", title: "Dashboard", url }] }),
  };
}

function containerOf(alert: Alert): Container {
  const { title, problem, fix, facts, command, url } = alertWords(alert);
  return {
    type: "Container",
    separator: true,
    items: [
      {
        type: "TextBlock",
        text: `${alertSign(alert)} ${within(adaptiveText, title, 200)}`,
        wrap: true,
        weight: "bolder",
        color: COLOURS[alert.occasion === "recovered" ? "recovered" : alert.level],
      },
      { type: "TextBlock", text: within(adaptiveText, problem, 900), wrap: true },
      { type: "TextBlock", text: `**Fix:** ${within(adaptiveText, fix, 700)}`, wrap: true, spacing: "small" },
      {
        type: "FactSet",
        facts: facts.map(([name, value]) => ({ title: name, value: within(adaptiveText, value, 100) })),
      },
      {
        type: "TextBlock",
        text: [adaptiveText(command), ...(url === undefined ? [] : [`[open](${linkTarget(url)})`])].join(
          " · ",
        ),
        wrap: true,
        isSubtle: true,
        spacing: "small",
      },
    ],
  };
}

/** Where an address could end the link. */
function linkTarget(url: string): string {
  return url.replaceAll(/[()<>\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
