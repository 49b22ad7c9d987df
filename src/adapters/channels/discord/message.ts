import { type AlertLevel, type Excerpt, fitting } from "../../../core/messages/excerpt.ts";
import { alertSign, alertWords, headline, hiddenWords, webAddress } from "../../../core/messages/words.ts";
import type { Alert, Message } from "../../../core/ports/channel.ts";
import { discordCode, discordText } from "../../../core/text/encode/discord-markdown.ts";
import { plainLine } from "../../../core/text/plain-line.ts";
import { within } from "../../../core/text/within.ts";

/** https://docs.discord.com/developers/resources/message#embed-object-embed-limits: embeds, and characters of all together. */
const MOST_EMBEDS = 10;
const EMBEDS_LENGTH = 6000;
const CONTENT_LENGTH = 2000;
/** The last embed is for what there is no room for. */
const MOST_ALERTS = MOST_EMBEDS - 1;

const COLOURS: Readonly<Record<AlertLevel | "recovered", number>> = {
  emergency: 0x8b_00_00,
  critical: 0xd0_39_2b,
  warning: 0xe0_a8_00,
  recovered: 0x2e_8b_57,
};

export interface DiscordEmbed {
  readonly title: string;
  readonly description: string;
  readonly url?: string;
  readonly color?: number;
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline: true }[];
  readonly footer?: { readonly text: string };
}

/** What a webhook of Discord gets. */
export interface DiscordMessage {
  readonly content: string;
  readonly embeds: readonly DiscordEmbed[];
  /** Whatever stands in the texts, nobody is called. */
  readonly allowed_mentions: { readonly parse: readonly [] };
}

/** A message in embeds, within Discord's limits. */
export function discordMessage(message: Message): DiscordMessage {
  return fitting(message, MOST_ALERTS, render, (rendered) => lengthOf(rendered.embeds) <= EMBEDS_LENGTH);
}

/** Characters as Discord counts them for the limit of all embeds together. */
function lengthOf(embeds: readonly DiscordEmbed[]): number {
  return embeds
    .flatMap(({ title, description, fields = [], footer }) => [
      title,
      description,
      ...fields.flatMap(({ name, value }) => [name, value]),
      footer?.text ?? "",
    ])
    .reduce((sum, text) => sum + text.length, 0);
}

function render(excerpt: Excerpt): DiscordMessage {
  const { message, shown } = excerpt;
  const hidden = hiddenWords(excerpt);
  const url = webAddress(message.url);
  const last: DiscordEmbed = {
    title: url === undefined ? "All credentials" : "Dashboard",
    description: discordText(hidden ?? "nothing else is new"),
    ...(url === undefined ? {} : { url }),
  };
  return {
    content: within(discordText, headline(message), CONTENT_LENGTH),
    embeds: [...shown.map(embedOf), ...(hidden === undefined && url === undefined ? [] : [last])],
    allowed_mentions: { parse: [] },
  };
}

function embedOf(alert: Alert): DiscordEmbed {
  const { title, problem, fix, facts, command, url } = alertWords(alert);
  return {
    title: within(discordText, `${alertSign(alert)} ${title}`, 256),
    description: `${within(discordText, problem, 700)}\n**Fix:** ${within(discordText, fix, 500)}\n${discordCode(command)}`,
    ...(url === undefined ? {} : { url }),
    color: COLOURS[alert.occasion === "recovered" ? "recovered" : alert.level],
    fields: facts.map(([name, value]) => ({ name, value: within(discordText, value, 100), inline: true })),
    // The text of a footer is no Markdown.
    footer: { text: plainLine(alert.fingerprint, 64) },
  };
}
