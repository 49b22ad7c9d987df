import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";

/**
 * What each service says that it takes, as schemas: closed, so that a key which the vendor does not have is refused.
 *
 * Slack: https://docs.slack.dev/reference/block-kit/blocks and …/messaging/sending-messages-using-incoming-webhooks
 * Discord: https://docs.discord.com/developers/resources/webhook#execute-webhook and …/resources/message
 * PagerDuty: https://developer.pagerduty.com/docs/send-alert-event
 * Teams: Microsoft's own schema of Adaptive Cards beside this file, taken from its package adaptivecards-designer
 * 2.4.4 without titles and descriptions; it is open and older than 1.5, so a closed one of what is used here is added.
 */
const ajv = new Ajv({ strict: false, allErrors: false });

const text = (maxLength: number, minLength = 1) => ({ type: "string", minLength, maxLength });
const object = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
  additionalProperties: false,
});
const list = (items: unknown, maxItems: number, minItems = 0) => ({
  type: "array",
  items,
  maxItems,
  minItems,
});
const https = { type: "string", pattern: '^https://[^\\s<>"]+$', maxLength: 2048 };

const mrkdwn = (length: number) =>
  object({ type: { const: "mrkdwn" }, text: text(length), verbatim: { const: true } });
const slackBlock = {
  oneOf: [
    object({
      type: { const: "header" },
      text: object({ type: { const: "plain_text" }, text: text(150), emoji: { type: "boolean" } }),
    }),
    object({ type: { const: "section" }, text: mrkdwn(3000) }),
    object({ type: { const: "context" }, elements: list(mrkdwn(2000), 10, 1) }),
  ],
};
const slack = object(
  {
    channel: text(100),
    text: text(40_000),
    blocks: list(slackBlock, 50, 1),
    unfurl_links: { const: false },
    unfurl_media: { const: false },
  },
  ["channel"],
);

const discordEmbed = object(
  {
    title: text(256),
    description: text(4096),
    url: https,
    color: { type: "integer", minimum: 0, maximum: 0xff_ff_ff },
    fields: list(object({ name: text(256), value: text(1024), inline: { type: "boolean" } }), 25),
    footer: object({ text: text(2048) }),
  },
  ["url", "color", "fields", "footer"],
);
const discord = object({
  content: text(2000),
  embeds: list(discordEmbed, 10),
  allowed_mentions: object({ parse: list({}, 0) }),
});

const pagerduty = {
  type: "object",
  required: ["routing_key", "event_action", "dedup_key"],
  additionalProperties: false,
  properties: {
    routing_key: { type: "string", minLength: 32, maxLength: 32 },
    event_action: { enum: ["trigger", "acknowledge", "resolve"] },
    dedup_key: text(255),
    client: text(255),
    client_url: https,
    links: list(object({ href: https, text: text(1024) }), 20),
    payload: object(
      {
        summary: text(1024),
        source: text(1024),
        severity: { enum: ["critical", "error", "warning", "info"] },
        timestamp: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" },
        component: text(1024),
        group: text(1024),
        class: text(1024),
        custom_details: { type: "object" },
      },
      ["timestamp", "component", "group", "class", "custom_details"],
    ),
  },
  anyOf: [{ required: ["payload"] }, { properties: { event_action: { enum: ["acknowledge", "resolve"] } } }],
};

const textBlock = object(
  {
    type: { const: "TextBlock" },
    text: text(2000),
    wrap: { const: true },
    size: { const: "large" },
    weight: { const: "bolder" },
    color: { enum: ["attention", "warning", "good"] },
    isSubtle: { const: true },
    spacing: { const: "small" },
  },
  ["size", "weight", "color", "isSubtle", "spacing"],
);
const factSet = object({
  type: { const: "FactSet" },
  facts: list(object({ title: text(100), value: text(500) }), 20, 1),
});
const container = object({
  type: { const: "Container" },
  separator: { type: "boolean" },
  items: list({ oneOf: [textBlock, factSet] }, 20, 1),
});
const card = object(
  {
    $schema: { type: "string" },
    type: { const: "AdaptiveCard" },
    version: { const: "1.5" },
    fallbackText: text(2000),
    body: list({ oneOf: [textBlock, container] }, 100, 1),
    actions: list(object({ type: { const: "Action.OpenUrl" }, title: text(100), url: https }), 6),
  },
  ["actions"],
);
const teams = object({
  type: { const: "message" },
  attachments: list(
    object({
      contentType: { const: "application/vnd.microsoft.card.adaptive" },
      contentUrl: { type: "null" },
      content: card,
    }),
    1,
    1,
  ),
});

const microsoft = ajv.compile(
  JSON.parse(readFileSync(new URL("adaptive-card.json", import.meta.url), "utf8")) as object, // a schema
);
const validators = {
  slack: ajv.compile(slack),
  discord: ajv.compile(discord),
  pagerduty: ajv.compile(pagerduty),
  teams: ajv.compile(teams),
};

/** The most bytes of a request. */
const LARGEST = { slack: 100_000, discord: 100_000, pagerduty: 512 * 1024, teams: 28 * 1024 } as const;

/** Why a service would not take this; undefined: it takes it. */
export function wrongFor(service: keyof typeof validators, body: string): string | undefined {
  if (Buffer.byteLength(body) > LARGEST[service]) return "too large";
  const json: unknown = JSON.parse(body);
  const wrong = problemOf(validators[service], json);
  if (wrong !== undefined) return wrong;
  if (service === "discord" && embedCharacters(json) > 6000) return "embeds of more than 6000 characters";
  if (service === "slack") return slackControl(json);
  if (service !== "teams") return undefined;
  // What the schema above says is there.
  return problemOf(microsoft, (json as { attachments: [{ content: unknown }] }).attachments[0].content);
}

function problemOf(validate: ValidateFunction, json: unknown): string | undefined {
  if (validate(json)) return undefined;
  const [error] = validate.errors ?? [];
  return `${error?.instancePath ?? ""} ${error?.message ?? "is wrong"}`;
}

/** A control sequence beside links to https that have their own text; plain words may have no bracket at all. */
function slackControl(json: unknown): string | undefined {
  const texts: string[] = [];
  JSON.stringify(json, (key, value: unknown) => {
    if (key === "text" && typeof value === "string") texts.push(value);
    return value;
  });
  const bad = texts.find((line) => /<(?!https:\/\/[^<>|\s]+\|[^<>|]*>|\u2060|\s)|<[!@#]/.test(line));
  return bad === undefined ? undefined : `a control sequence in ${bad.slice(0, 60)}`;
}

/** Titles, descriptions, names and values of fields, and footers of all embeds. */
function embedCharacters(json: unknown): number {
  const texts: string[] = [];
  JSON.stringify(json, (key, value: unknown) => {
    if (["title", "description", "name", "value", "text"].includes(key) && typeof value === "string") {
      texts.push(value);
    }
    return key === "content" ? undefined : value;
  });
  return texts.join("").length;
}
