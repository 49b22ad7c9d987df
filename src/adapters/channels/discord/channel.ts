import type { ChannelKind } from "../../../core/ports/channel.ts";
import type { ExchangeAnswer } from "../../clients/http/exchange.ts";
import { secretPeer } from "../../clients/notices/notice-peer.ts";
import { sendNotice } from "../../clients/notices/send-notice.ts";
import { discordMessage } from "./message.ts";

/** Discord by the webhook of a channel. */
export const discordChannel: ChannelKind = {
  kind: "discord",
  bind: async (name, { discord }, ports) => {
    if (discord === undefined) throw new Error("bound to a channel of another kind");
    const peer = await secretPeer("discord", name, discord.webhook, ports);
    // Without it Discord answers before it knows whether it can post.
    peer.url.searchParams.set("wait", "true");
    return {
      label: peer.label,
      reaches: () => false,
      send: async (message, _, signal) => {
        const body = JSON.stringify(discordMessage(message));
        await sendNotice(peer, { body, wrongWith: unlessPosted }, signal);
      },
      close: async () => undefined,
    };
  },
};

/** The message as it was posted has an id. */
function unlessPosted({ body }: ExchangeAnswer): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (typeof parsed === "object" && parsed !== null && "id" in parsed) return undefined;
  } catch {
    // Told like any other answer that is not Discord's.
  }
  return "its answer is not the message that it posted";
}
