import { type DiscordEmbed, discordMessage } from "../adapters/channels/discord/message.ts";
import { pagerEvents } from "../adapters/channels/pagerduty/message.ts";
import { slackMessage } from "../adapters/channels/slack/message.ts";
import { mailText } from "../adapters/channels/smtp/message.ts";
import { teamsMessage } from "../adapters/channels/teams/message.ts";
import { alertNotice } from "../core/messages/alert-notice.ts";
import type { Message } from "../core/ports/channel.ts";
import { markdownCell, markdownCode } from "../core/text/encode/markdown.ts";
import { messageOf, sampleAlerts } from "./sample-message.ts";

const INTRODUCTION = `# What messages look like

Made from one sample message by \`npm run generate\`: a daily digest with an emergency, an overdue rotation, a reminder and a
recovery, and 120 warnings more. What is told at once looks the same with its one alert. [Alerts](alerts.md) says how to set
channels and routes up.

Names and reasons in documents are other people's. Each channel takes them as plain words: nobody is mentioned, nothing
becomes a link, and characters that hide or turn text are taken out. What does not fit the limits of a service is counted
("and more: 120 warnings"), never cut in the middle.
`;

interface Section {
  readonly title: string;
  /** What a person sees, as plain text. */
  readonly shown: string;
  /** What the service gets. */
  readonly payload: string;
  readonly language: "json" | "html";
  readonly limits: string;
}

/** The page of what people see of one sample message in each channel. */
export function messageReference(): string {
  const message = messageOf(sampleAlerts(), { more: { warning: 120 } });
  const sections = [slack, discord, teams, mail, webhook].map((section) => section(message));
  return [INTRODUCTION, ...sections.map(sectionText), pagerduty(message)].join("\n");
}

function sectionText({ title, shown, payload, language, limits }: Section): string {
  return `## ${title}

${limits}

\`\`\`text
${readable(shown)}
\`\`\`

${folded(payload, language)}`;
}

function folded(payload: string, language: string): string {
  return `<details><summary>What is sent</summary>

\`\`\`${language}
${payload.trimEnd()}
\`\`\`

</details>
`;
}

/** Without what only keeps words apart for programs. */
function readable(text: string): string {
  return text
    .replaceAll("\u2060", "")
    .replaceAll(/\\(?=[^\w\s])/g, "")
    .trimEnd();
}

function json(payload: unknown): string {
  return JSON.stringify(payload, undefined, 2);
}

function slack(message: Message): Section {
  const payload = slackMessage(message);
  const shown = payload.blocks.map((block) => {
    if (block.type === "header") return block.text.text;
    const text =
      block.type === "section" ? block.text.text : block.elements.map((element) => element.text).join(" ");
    return text
      .replaceAll(/<[^|>]+\|([^>]*)>/g, "$1")
      .replaceAll("&amp;", "&")
      .replaceAll(/[*`]/g, "");
  });
  return {
    title: "Slack",
    shown: shown.join("\n\n"),
    payload: json(payload),
    language: "json",
    limits:
      "Block Kit: at most 50 blocks, 3,000 characters in each, 40,000 in all. `open` and `dashboard` are links.",
  };
}

function discord(message: Message): Section {
  const payload = discordMessage(message);
  return {
    title: "Discord",
    shown: [payload.content, ...payload.embeds.map(embedText)].join("\n\n"),
    payload: json(payload),
    language: "json",
    limits:
      "At most 10 embeds with 6,000 characters in all; the titles are links. `allowed_mentions` is empty.",
  };
}

function embedText({ title, description, fields = [] }: DiscordEmbed): string {
  const facts = fields.map(({ name, value }) => `${name}: ${value}`).join(" · ");
  return [title, description.replaceAll(/\*\*|`/g, ""), facts].filter((line) => line !== "").join("\n");
}

function teams(message: Message): Section {
  const payload = teamsMessage(message);
  const [{ content }] = payload.attachments;
  const shown = content.body.map((element) =>
    element.type === "TextBlock"
      ? element.text
      : element.items
          .map((item) =>
            item.type === "TextBlock"
              ? item.text.replaceAll("**", "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
              : item.facts.map(({ title, value }) => `${title}: ${value}`).join("\n"),
          )
          .join("\n"),
  );
  return {
    title: "Teams",
    shown: [...shown, ...(content.actions ?? []).map(({ title }) => `[${title}]`)].join("\n\n"),
    payload: json(payload),
    language: "json",
    limits: "An Adaptive Card of at most 28 KB, with a button that leads to the dashboard.",
  };
}

function mail(message: Message): Section {
  const { subject, text, html } = mailText(message);
  return {
    title: "Mail",
    shown: `Subject: ${subject}\n\n${text}`,
    payload: html,
    language: "html",
    limits:
      "HTML and plain text that say the same; at most 100 alerts. The HTML has no pictures and loads nothing.\n\n![A mail with two alerts](images/mail.png)",
  };
}

function webhook(message: Message): Section {
  const notice = alertNotice(message);
  return {
    title: "Webhook",
    shown: notice.headline,
    payload: json(notice),
    language: "json",
    limits:
      "JSON by [the schema `alert`](../../registry/schema/alert.schema.json), at most 200 alerts. Texts are plain lines that are not encoded for any sink: encode them for yours.",
  };
}

function pagerduty(message: Message): string {
  const events = pagerEvents(message);
  const rows = events.map((event) => {
    const summary = event.event_action === "trigger" ? event.payload.summary : "";
    const severity = event.event_action === "trigger" ? event.payload.severity : "";
    return `| ${event.event_action} | ${markdownCode(event.dedup_key)} | ${severity} | ${markdownCell(summary)} |`;
  });
  return `## PagerDuty

One event for each alert, at most 50 and one for all others. The key is made of the repository and the fingerprint: the same
problem never opens a second incident, and its recovery resolves it. The event for all others has to be resolved by hand.

| action | key | severity | summary |
| --- | --- | --- | --- |
${rows.join("\n")}

${folded(json(events), "json")}`;
}
