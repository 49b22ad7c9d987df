import type { Transporter } from "nodemailer";
import type { ChannelSpec } from "../../../core/documents/channel.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { Channel, ChannelKind, Message, Recipient } from "../../../core/ports/channel.ts";
import { type Mailbox, mailboxOf } from "../../../core/text/encode/mail-header.ts";
import { caBundle } from "../../clients/notices/notice-peer.ts";
import { deliveryError, failureError } from "./failure.ts";
import { mailText } from "./message.ts";
import { LOOPBACK_HOST, type MailServer, openTransport } from "./transport.ts";

type SmtpSpec = NonNullable<ChannelSpec["smtp"]>;

/** Mail over a server of the organisation. */
export const smtpChannel: ChannelKind = {
  kind: "smtp",
  bind: async (name, { smtp }, ports) => {
    if (smtp === undefined) throw new Error("bound to a channel of another kind");
    const { tls = "starttls", host } = smtp;
    if (tls === "none" && !LOOPBACK_HOST.test(host)) {
      throw new CreError("channel-plain", `the channel ${name} sends mail without TLS to another machine`, {
        fix: "remove `tls: none`",
      });
    }
    const password = smtp.password === undefined ? undefined : await ports.secrets.read(smtp.password);
    const server: MailServer = {
      host,
      port: smtp.port ?? (tls === "implicit" ? 465 : 587),
      tls,
      ca: await caBundle(name, smtp.ca, ports),
      login: smtp.user === undefined || password === undefined ? undefined : { user: smtp.user, password },
    };
    return mailChannel(name, smtp, server, password);
  },
};

function mailChannel(
  name: string,
  smtp: SmtpSpec,
  server: MailServer,
  password: Secret | undefined,
): Channel {
  const from = boxOf(name, smtp.from);
  const fixed = smtp.to?.map((text) => boxOf(name, text));
  const label = `smtp (${server.host})`;
  let transport: Promise<Transporter> | undefined;
  return {
    label,
    reaches: ({ mail }) => fixed === undefined && mail !== undefined && mailboxOf(mail) !== undefined,
    send: async (message, recipient, signal) => {
      const to = fixed ?? ownerOf(recipient);
      if (to === undefined) throw withoutPlace(label);
      if (signal.aborted) {
        throw new EffectError("refused", "channel-interrupted", `${label} was not told: interrupted before`);
      }
      transport ??= openTransport(server);
      const sending = (await transport).sendMail({ ...mailOf(message, from), to: [...to], signal });
      // `sendMail` of a pool of SMTP: its information has what the server took.
      const info = (await sending.catch((error: unknown) => {
        throw failureError(label, error, password);
      })) as { readonly accepted?: readonly unknown[]; readonly rejected?: readonly unknown[] };
      const { accepted = [], rejected = [] } = info;
      if (rejected.length > 0) throw deliveryError(label, accepted.length, rejected.length);
    },
    close: async () => (await transport)?.close(),
  };
}

function mailOf(message: Message, from: Mailbox) {
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const id = message.id.replaceAll(/[^\w-]/g, "-").slice(0, 200);
  return {
    ...mailText(message),
    from,
    messageId: `<cre-${id}@${domain}>`,
    headers: {
      // A program wrote it: no answers of absence, and rules can sort it (RFC 3834, RFC 2919).
      "Auto-Submitted": "auto-generated",
      "List-Id": `Credential Rotation Enforcer <cre.${domain}>`,
      ...(message.level === "emergency" ? { Importance: "high" } : {}),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function ownerOf(recipient: Recipient | undefined): readonly Mailbox[] | undefined {
  const box = recipient?.mail === undefined ? undefined : mailboxOf(recipient.mail);
  return box === undefined ? undefined : [box];
}

function boxOf(name: string, text: string): Mailbox {
  const box = mailboxOf(text);
  if (box !== undefined) return box;
  throw new CreError("mail-address", `the channel ${name} names something that is not one mail address`, {
    fix: "write mail@example.com or Name <mail@example.com>",
  });
}

function withoutPlace(label: string): EffectError {
  return new EffectError("refused", "channel-without-place", `${label} was told of nobody`, {
    fix: "give the channel its `to`, or the team its `mail`",
    retryable: false,
  });
}
