import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import type { Channel } from "../../../core/ports/channel.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import {
  type MailSink,
  type MailSinkOptions,
  openMailSink,
} from "../../../testing/services/chat/mail-sink.ts";
import { readMail } from "../../../testing/services/chat/read-mail.ts";
import { BAD_TEXTS, badMessage } from "../../../testing/suites/bad-messages.ts";
import { bindChannel, describeChannel, sendFailure } from "../../../testing/suites/channel-suite.ts";
import { messageOf, sampleAlerts } from "../../../tools/sample-message.ts";
import { smtpChannel } from "./channel.ts";

const authority = createAuthority();
const certificate = authority.issue(["127.0.0.1"]);
const LOGIN = { user: "cre", password: "canary-password" } as const;
const FROM = "Our credentials <cre@example.com>";
const sample = messageOf(sampleAlerts());
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Smtp = NonNullable<Parameters<typeof bindChannel>[1]["smtp"]>;

async function bind(sink: MailSink, smtp: Partial<Smtp> = {}): Promise<Channel> {
  const spec = { host: "127.0.0.1", port: sink.port, from: FROM, ca: "certs/mail.pem", ...smtp };
  return bindChannel(
    smtpChannel,
    { smtp: spec },
    { MAIL: LOGIN.password },
    { "certs/mail.pem": authority.ca },
  );
}

async function opened(options: MailSinkOptions, smtp: Partial<Smtp> = {}) {
  const sink = await openMailSink(options);
  const channel = await bind(sink, smtp);
  open.push(channel, sink);
  return { sink, channel };
}

const WITH_LOGIN = { user: LOGIN.user, password: { env: "MAIL" }, to: ["sec@example.com"] };
const send = async (channel: Channel, message = sample, mail?: string) =>
  channel.send(message, mail === undefined ? undefined : { mail }, AbortSignal.timeout(20_000));

describeChannel(
  "smtp",
  async () => {
    const sink = await openMailSink({ tls: "starttls", certificate, login: LOGIN });
    const channel = await bind(sink, WITH_LOGIN);
    return {
      channel,
      taken: () => sink.taken.length,
      fail: (trouble) => {
        sink.fail(
          trouble === "busy" || trouble === "refusing" || trouble === "silent" || trouble === "closing"
            ? trouble
            : undefined,
        );
      },
      close: async () => sink.close(),
    };
  },
  { troubles: ["refusing", "closing"] },
);

describe("smtp", () => {
  test("a mail says the same in text and HTML, and by its headers what wrote it", async () => {
    const { sink, channel } = await opened({ tls: "starttls", certificate, login: LOGIN }, WITH_LOGIN);
    await send(channel);
    const [mail] = sink.taken;
    expect(mail).toMatchObject({
      from: "cre@example.com",
      to: ["sec@example.com"],
      secure: true,
      user: "cre",
    });
    const { headers, text, html } = readMail(mail?.raw ?? "");
    expect(headers.get("subject")).toBe(
      "[cre] EMERGENCY Daily digest of acme/credentials: 1 emergency, 1 critical, 1 warning, 1 recovered",
    );
    expect(headers.get("from")).toBe(FROM);
    expect(headers.get("to")).toBe("sec@example.com");
    expect(headers.get("message-id")).toBe("<cre-digest-security-2026-09-21@example.com>");
    expect(headers.get("auto-submitted")).toBe("auto-generated");
    expect(headers.get("list-id")).toBe("Credential Rotation Enforcer <cre.example.com>");
    for (const part of [text, html]) {
      for (const { fingerprint, credential } of sampleAlerts()) {
        expect(part).toContain(`cre explain ${fingerprint}`);
        expect(part).toContain(credential);
      }
      expect(part).toContain("https://github.com/acme/credentials/issues/41");
    }
  });

  test("HTML needs nothing from elsewhere, no colours and no styles that programs take out", async () => {
    const { sink, channel } = await opened({ tls: "none" }, { tls: "none", to: ["sec@example.com"] });
    await send(channel);
    const { html } = readMail(sink.taken[0]?.raw ?? "");
    expect(html).not.toMatch(/<(img|style|script|link|iframe|form)|background|[^-]color:|url\(|@import/i);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain("max-width:640px");
  });

  test.each(BAD_TEXTS.map((text) => [text.slice(0, 40), text] as const))(
    "no header, tag or recipient comes of %j",
    async (_, text) => {
      const { sink, channel } = await opened({ tls: "none" }, { tls: "none", to: ["sec@example.com"] });
      await send(channel);
      await send(channel, { ...badMessage(text), id: text });
      const [good, bad] = sink.taken;
      expect(bad?.to).toEqual(["sec@example.com"]);
      const [sound, read] = [readMail(good?.raw ?? ""), readMail(bad?.raw ?? "")];
      expect([...read.headers.keys()].filter((name) => name !== "importance")).toEqual(
        [...sound.headers.keys()].filter((name) => name !== "importance"),
      );
      expect(read.headers.get("message-id")).toMatch(/^<cre-[\w-]*@example\.com>$/);
      const tags = (html: string) => new Set([...html.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, tag]) => tag));
      expect([...tags(read.html)].filter((tag) => !tags(sound.html).has(tag))).toEqual([]);
      expect(read.html).not.toMatch(/href="(?!https:)/);
      expect(read.text).not.toMatch(/[\u202e\u200b]/);
    },
  );

  test("a mail sent again has the same id", async () => {
    const { sink, channel } = await opened({ tls: "none" }, { tls: "none", to: ["sec@example.com"] });
    await send(channel);
    await send(channel);
    const ids = sink.taken.map(({ raw }) => readMail(raw).headers.get("message-id"));
    expect(new Set(ids).size).toBe(1);
    expect(sink.count()).toBe(1);
  });

  test("implicit TLS", async () => {
    const { sink, channel } = await opened(
      { tls: "implicit", certificate },
      { tls: "implicit", to: ["sec@example.com"] },
    );
    await send(channel);
    expect(sink.taken).toMatchObject([{ secure: true }]);
  });

  test("the owning team gets it where the channel names nobody", async () => {
    const { sink, channel } = await opened({ tls: "none" }, { tls: "none" });
    expect(channel.reaches({ mail: "payments@example.com" })).toBe(true);
    expect(channel.reaches({ slack: "#payments" })).toBe(false);
    expect(channel.reaches({ mail: "a@b.example, c@d.example" })).toBe(false);
    await send(channel, sample, "payments@example.com");
    expect(sink.taken).toMatchObject([{ to: ["payments@example.com"] }]);
    for (const mail of [undefined, "a@b.example\r\nBcc: c@d.example"]) {
      const recipient = mail === undefined ? undefined : { mail };
      expect(await sendFailure(channel, sample, recipient)).toMatchObject({
        code: "channel-without-place",
        retryable: false,
      });
    }
    const fixed = await bind(sink, { tls: "none", to: ["sec@example.com"] });
    expect(fixed.reaches({ mail: "payments@example.com" })).toBe(false);
  });
});

describe("smtp, when something is wrong", () => {
  test("a recipient that is refused is an error, though others were told", async () => {
    const { sink, channel } = await opened(
      { tls: "none", unknown: "gone" },
      { tls: "none", to: ["sec@example.com", "gone@example.com"] },
    );
    const error = await sendFailure(channel, sample, undefined);
    expect(error).toMatchObject({ outcome: "unknown", retryable: false, code: "channel-recipients" });
    expect(error.evidence).toBe("1 of 2 were accepted");
    expect(sink.taken).toHaveLength(1);
  });

  test("a server without STARTTLS gets neither login nor mail", async () => {
    const { sink, channel } = await opened({ tls: "none", login: LOGIN }, WITH_LOGIN);
    const error = await sendFailure(channel, sample, undefined);
    expect(error).toMatchObject({ outcome: "refused", fix: expect.stringContaining("TLS") });
    expect(sink.taken).toEqual([]);
  });

  test.each(["starttls", "implicit"] as const)(
    "a certificate of another authority is not trusted: %s",
    async (tls) => {
      const other = createAuthority().issue(["127.0.0.1"]);
      const { sink, channel } = await opened(
        { tls, certificate: other, login: LOGIN },
        { ...WITH_LOGIN, tls },
      );
      const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      onTestFinished(() => {
        if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
        else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
      });
      const error = await sendFailure(channel, sample, undefined);
      expect(error).toMatchObject({ outcome: "refused", fix: expect.stringContaining("certificate") });
      expect(sink.taken).toEqual([]);
    },
  );

  test("a login that is refused is told without the password, which the server repeats", async () => {
    const { sink, channel } = await opened({ tls: "starttls", certificate, login: LOGIN }, WITH_LOGIN);
    sink.fail("refusing-login");
    const error = await sendFailure(channel, sample, undefined);
    expect(error).toMatchObject({
      outcome: "refused",
      retryable: false,
      fix: expect.stringContaining("`user`"),
    });
  });

  test("a server that is busy: another attempt may help", async () => {
    const { sink, channel } = await opened({ tls: "none" }, { tls: "none", to: ["sec@example.com"] });
    sink.fail("busy");
    expect(await sendFailure(channel, sample, undefined)).toMatchObject({
      outcome: "refused",
      retryable: true,
    });
  });

  test.each(["silent", "after-data"] as const)(
    "a server that is %s ends with the signal, and nobody knows",
    async (fault) => {
      const { sink, channel } = await opened({ tls: "none" }, { tls: "none", to: ["sec@example.com"] });
      sink.fail(fault);
      const began = performance.now();
      const error = await sendFailure(channel, sample, undefined, AbortSignal.timeout(200));
      expect(performance.now() - began).toBeLessThan(5000);
      expect(error).toMatchObject({ outcome: "unknown", retryable: true });
      expect(error.evidence).toContain("within the time limit");
    },
  );

  test("nobody listens: nobody was told", async () => {
    const { sink, channel } = await opened({ tls: "none" }, { tls: "none", to: ["sec@example.com"] });
    await sink.close();
    open.splice(open.indexOf(sink), 1);
    expect(await sendFailure(channel, sample, undefined)).toMatchObject({
      outcome: "refused",
      retryable: true,
    });
  });

  test.each([
    ["no TLS to another machine", { tls: "none", host: "mail.example.com" }],
    ["no single sender", { from: "a@b.example, c@d.example" }],
    ["a recipient with a line of its own", { to: ["a@b.example\r\nBcc: c@d.example"] }],
    ["a password that is not there", { user: "a", password: { env: "NONE" } }],
    ["a CA that is not there", { ca: "certs/none.pem" }],
  ] as const)("%s is refused before anything is sent", async (_, smtp) => {
    const sink = await openMailSink({ tls: "none" });
    open.push(sink);
    // `as`: the lists of the cases are constants.
    await expect(bind(sink, smtp as Partial<Smtp>)).rejects.toThrow(CreError);
    expect(sink.count()).toBe(0);
  });
});
