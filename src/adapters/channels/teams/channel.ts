import type { ChannelKind } from "../../../core/ports/channel.ts";
import type { ExchangeAnswer } from "../../clients/http/exchange.ts";
import { secretPeer } from "../../clients/notices/notice-peer.ts";
import { sendNotice } from "../../clients/notices/send-notice.ts";
import { teamsMessage } from "./message.ts";

/** Teams by the webhook of a workflow ("Send webhook alerts to a channel"). */
export const teamsChannel: ChannelKind = {
  kind: "teams",
  bind: async (name, { teams }, ports) => {
    if (teams === undefined) throw new Error("bound to a channel of another kind");
    const peer = await secretPeer("teams", name, teams.webhook, ports);
    return {
      label: peer.label,
      reaches: () => false,
      send: async (message, _, signal) => {
        const body = JSON.stringify(teamsMessage(message));
        await sendNotice(peer, { body, wrongWith: ifFailed }, signal);
      },
      close: async () => undefined,
    };
  },
};

/** A workflow answers 202 with nothing, an older connector `1`; that one told failures with a status of success. */
function ifFailed({ body }: ExchangeAnswer): string | undefined {
  const text = body.toString("utf8").trim();
  return text === "" || text === "1" || /^[{[]/.test(text)
    ? undefined
    : "its answer is not that of a workflow";
}
