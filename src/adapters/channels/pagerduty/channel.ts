import type { ChannelKind } from "../../../core/ports/channel.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { openPeer } from "../../clients/notices/notice-peer.ts";
import { sendNotice } from "../../clients/notices/send-notice.ts";
import { pagerEvents } from "./message.ts";

/** PagerDuty by its Events API v2: what is told again, or recovers, is known by its key. */
export const pagerdutyChannel: ChannelKind = {
  kind: "pagerduty",
  bind: async (name, { pagerduty }, ports) => {
    if (pagerduty === undefined) throw new Error("bound to a channel of another kind");
    const routingKey = await ports.secrets.read(pagerduty.routingKey);
    const base = (pagerduty.url ?? "https://events.pagerduty.com").replace(/\/$/, "");
    const peer = openPeer("pagerduty", name, `${base}/v2/enqueue`, [routingKey]);
    return {
      label: peer.label,
      reaches: () => false,
      send: async (message, _, signal) => {
        let sent = 0;
        for (const event of pagerEvents(message)) {
          const body = JSON.stringify({ routing_key: routingKey.reveal().trim(), ...event });
          await sendNotice(peer, { body }, signal).catch((error: unknown) => {
            throw sent === 0 ? error : inDoubt(error);
          });
          sent += 1;
        }
      },
      close: async () => undefined,
    };
  },
};
