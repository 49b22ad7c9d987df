import type { ChannelSpec } from "../../../core/documents/channel.ts";
import { EffectError } from "../../../core/model/errors.ts";
import type { Channel, ChannelKind, ChannelPorts } from "../../../core/ports/channel.ts";
import type { ExchangeAnswer } from "../../clients/http/exchange.ts";
import { caBundle, type NoticePeer, openPeer, secretPeer } from "../../clients/notices/notice-peer.ts";
import { sendNotice } from "../../clients/notices/send-notice.ts";
import { slackMessage } from "./message.ts";

type SlackSpec = NonNullable<ChannelSpec["slack"]>;

/** Slack by an incoming webhook, which has one place, or by a bot, which reaches the channels of teams too. */
export const slackChannel: ChannelKind = {
  kind: "slack",
  bind: async (name, { slack }, ports) => {
    if (slack === undefined) throw new Error("bound to a channel of another kind");
    const ca = await caBundle(name, slack.ca, ports);
    return slack.webhook === undefined
      ? bindBot(name, slack, ca, ports)
      : webhookOf({ ...(await secretPeer("slack", name, slack.webhook, ports)), ca });
  },
};

function webhookOf(peer: NoticePeer): Channel {
  return {
    label: peer.label,
    reaches: () => false,
    send: async (message, _, signal) => {
      const body = JSON.stringify(slackMessage(message));
      await sendNotice(peer, { body, wrongWith: unlessOk }, signal);
    },
    close: async () => undefined,
  };
}

/** Slack's own words for success; services that are like Slack have the same. */
function unlessOk({ body }: ExchangeAnswer): string | undefined {
  return body.toString("utf8").trim() === "ok" ? undefined : "its answer is not `ok`";
}

async function bindBot(
  name: string,
  { token: reference, channel, url }: SlackSpec,
  ca: string | undefined,
  ports: ChannelPorts,
): Promise<Channel> {
  if (reference === undefined) throw new Error("a bot without a token");
  const token = await ports.secrets.read(reference);
  const api = (url ?? "https://slack.com/api").replace(/\/$/, "");
  const peer = { ...openPeer("slack", name, `${api}/chat.postMessage`, [token]), ca };
  return {
    label: channel === undefined ? `${peer.label} of the owner` : `${peer.label} ${channel}`,
    reaches: (recipient) => channel === undefined && recipient.slack !== undefined,
    send: async (message, recipient, signal) => {
      const place = channel ?? recipient?.slack;
      if (place === undefined) throw withoutPlace(peer);
      const body = JSON.stringify({ channel: place, ...slackMessage(message) });
      const headers = { Authorization: `Bearer ${token.reveal().trim()}` };
      const answer = await sendNotice(peer, { body, headers, wrongWith: unlessJson }, signal);
      refuseUnlessPosted(peer, place, answer);
    },
    close: async () => undefined,
  };
}

function withoutPlace({ label }: NoticePeer): EffectError {
  return new EffectError("refused", "channel-without-place", `${label} was told of nobody`, {
    fix: "give the channel its `channel`, or the team its `slack`",
    retryable: false,
  });
}

/** What the API says beside `ok`, if that is what it says. */
function verdictOf({ body }: ExchangeAnswer): { readonly ok: boolean; readonly error: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (typeof parsed !== "object" || parsed === null || !("ok" in parsed)) return undefined;
    const error = "error" in parsed && typeof parsed.error === "string" ? parsed.error : "";
    return { ok: parsed.ok === true, error: /^[a-z0-9_]{1,80}$/.test(error) ? error : "no reason" };
  } catch {
    return undefined;
  }
}

function unlessJson(answer: ExchangeAnswer): string | undefined {
  return verdictOf(answer) === undefined ? "its answer is not that of Slack's API" : undefined;
}

/** Errors that say nothing about the request. */
const PASSING = /^(ratelimited|rate_limited|service_unavailable|request_timeout)$/;
/** Part of it may have been done (https://docs.slack.dev/reference/methods/chat.postMessage). */
const DOUBTFUL = /^(fatal_error|internal_error)$/;

/** Slack refuses with a status of success. */
function refuseUnlessPosted({ label }: NoticePeer, place: string, answer: ExchangeAnswer): void {
  const verdict = verdictOf(answer);
  if (verdict === undefined || verdict.ok) return;
  const { error } = verdict;
  throw new EffectError(
    DOUBTFUL.test(error) ? "unknown" : "refused",
    "channel-refused",
    `${label} did not post to ${place}`,
    {
      evidence: `it says: ${error}`,
      fix: fixOf(error, place),
      retryable: PASSING.test(error) || DOUBTFUL.test(error),
    },
  );
}

function fixOf(error: string, place: string): string {
  if (error === "not_in_channel") return `invite the bot to ${place}`;
  if (error === "channel_not_found") return `check the name ${place}; for a private channel, invite the bot`;
  if (error === "is_archived") return `${place} is archived: name another channel`;
  if (/auth|token|account_inactive/.test(error)) return "give the runner a new token of the bot";
  if (error === "missing_scope") return "give the bot the scope chat:write";
  return "look the word up in Slack's documentation of chat.postMessage";
}
