import { alertNotice } from "../../../core/messages/alert-notice.ts";
import { epochSeconds } from "../../../core/model/instant.ts";
import type { ChannelKind, ChannelPorts } from "../../../core/ports/channel.ts";
import { mailHeader } from "../../../core/text/encode/mail-header.ts";
import { caBundle, openPeer } from "../../clients/notices/notice-peer.ts";
import { sendNotice } from "../../clients/notices/send-notice.ts";
import { requestSignature, type SigningKey } from "../../clients/signed-http/signature.ts";

/** A program of one's own that takes JSON (`registry/schema/alert.schema.json`), signed where both sides have a key. */
export const webhookChannel: ChannelKind = {
  kind: "webhook",
  bind: async (name, { webhook }, ports) => {
    if (webhook === undefined) throw new Error("bound to a channel of another kind");
    const secret = webhook.key === undefined ? undefined : await ports.secrets.read(webhook.key.secret);
    const key =
      webhook.key === undefined || secret === undefined ? undefined : { id: webhook.key.id, secret };
    const open = openPeer("webhook", name, webhook.url, secret === undefined ? [] : [secret]);
    const peer = { ...open, ca: await caBundle(name, webhook.ca, ports) };
    const path = `${peer.url.pathname}${peer.url.search}`;
    return {
      label: peer.label,
      reaches: () => false,
      send: async (message, _, signal) => {
        const body = JSON.stringify(alertNotice(message));
        const headers = {
          "Idempotency-Key": headerSafe(message.id),
          ...(key === undefined ? {} : signatureOf(key, path, body, ports)),
        };
        await sendNotice(peer, { path, body, headers }, signal);
      },
      close: async () => undefined,
    };
  },
};

function signatureOf(key: SigningKey, path: string, body: string, { clock }: Pick<ChannelPorts, "clock">) {
  const timestamp = String(epochSeconds(clock.now()));
  return {
    "CRE-Timestamp": timestamp,
    "CRE-Key-Id": key.id,
    "CRE-Signature": requestSignature(key, timestamp, "POST", path, body),
  };
}

/** An id is the program's own; a header takes nothing but ASCII. */
function headerSafe(id: string): string {
  return mailHeader(id, 200).replaceAll(/[^\x21-\x7e]/g, "-");
}
