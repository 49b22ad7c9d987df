import { type Static, Type } from "typebox";
import { closed, closedUnion, list, SecretRef, text } from "./common.ts";

const KINDS = ["slack", "discord", "teams", "webhook", "smtp", "pagerduty"] as const;
export type ChannelKindName = (typeof KINDS)[number];

/** A place for alerts, as the settings describe it. */
export const ChannelSpec = closedUnion(
  {
    slack: Type.Optional(closed({ webhook: SecretRef })),
    discord: Type.Optional(closed({ webhook: SecretRef })),
    teams: Type.Optional(closed({ webhook: SecretRef })),
    webhook: Type.Optional(
      closed({
        url: Type.String({ pattern: "^https://", description: "https address." }),
        key: Type.Optional(SecretRef),
      }),
    ),
    smtp: Type.Optional(
      closed({
        host: text("Mail server.", 253),
        port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
        from: text("Sender.", 200),
        to: Type.Optional(list(text("Recipient.", 200), "Recipients; default: the owner.", { minItems: 1 })),
        user: Type.Optional(text("Login.", 200)),
        password: Type.Optional(SecretRef),
      }),
    ),
    pagerduty: Type.Optional(closed({ routingKey: SecretRef })),
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
