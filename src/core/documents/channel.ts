import { type Static, Type } from "typebox";
import { closed, closedUnion, exactlyOne, list, oneOf, SecretRef, text } from "./common.ts";

const KINDS = ["slack", "discord", "teams", "webhook", "smtp", "pagerduty"] as const;
export type ChannelKindName = (typeof KINDS)[number];

const address = (description: string) =>
  Type.String({
    pattern: "^https?://",
    maxLength: 500,
    description: `${description} http only on this machine.`,
  });
const Ca = Type.Optional(text("Path of a CA bundle (PEM) in the repository."));

const Slack = Type.Object(
  {
    webhook: Type.Optional(SecretRef),
    token: Type.Optional(SecretRef),
    channel: Type.Optional(
      text("With `token`: channel, by `#name` or id; default: the `slack` of the owning team.", 100),
    ),
    url: Type.Optional(address("With `token`: address of the API; default https://slack.com/api.")),
    ca: Ca,
  },
  {
    additionalProperties: false,
    ...exactlyOne(["webhook", "token"]),
    description: "An incoming webhook (its address is a secret), or a bot with its token.",
  },
);

const Smtp = closed({
  host: text("Mail server.", 253),
  port: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 65535, description: "Default 587, with `tls: implicit` 465." }),
  ),
  tls: Type.Optional(
    oneOf(
      ["starttls", "implicit", "none"],
      "How the connection is kept secret; default starttls, which is then required. none only on this machine.",
    ),
  ),
  ca: Ca,
  from: text("Sender: `mail@example.com` or `Name <mail@example.com>`.", 200),
  to: Type.Optional(
    list(text("Recipient.", 200), "Recipients; default: the `mail` of the owning team.", {
      minItems: 1,
      maxItems: 50,
    }),
  ),
  user: Type.Optional(text("Login.", 200)),
  password: Type.Optional(SecretRef),
});

/** A place for alerts, as the settings describe it. */
export const ChannelSpec = closedUnion(
  {
    slack: Type.Optional(Slack),
    discord: Type.Optional(
      closed({ webhook: SecretRef }, "A webhook of a channel; its address is a secret."),
    ),
    teams: Type.Optional(
      closed({ webhook: SecretRef }, "A workflow that posts what its webhook gets; its address is a secret."),
    ),
    webhook: Type.Optional(
      closed({
        url: address("https address."),
        key: Type.Optional(
          closed(
            { id: text("Public name of the key.", 100), secret: SecretRef },
            "Signs each request; both sides have it.",
          ),
        ),
        ca: Ca,
      }),
    ),
    smtp: Type.Optional(Smtp),
    pagerduty: Type.Optional(
      closed({
        routingKey: SecretRef,
        url: Type.Optional(address("Address of the Events API; default https://events.pagerduty.com.")),
      }),
    ),
  },
  KINDS,
  "Exactly one kind key.",
);
export type ChannelSpec = Static<typeof ChannelSpec>;

/** The kind of a channel; every valid one has exactly one. */
export function channelKind(spec: ChannelSpec): ChannelKindName {
  const kind = KINDS.find((name) => spec[name] !== undefined);
  if (kind === undefined) throw new Error("a channel without a kind");
  return kind;
}

/** Whether it tells the owning team, because its settings name nobody else. */
export function reachesOwners({ slack, smtp }: ChannelSpec): boolean {
  return (
    (slack?.token !== undefined && slack.channel === undefined) ||
    (smtp !== undefined && smtp.to === undefined)
  );
}
