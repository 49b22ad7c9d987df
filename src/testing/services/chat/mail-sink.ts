import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import type { TestCertificate } from "../certificates.ts";

/** What a mail server does instead of its work. */
export type MailFault = "busy" | "refusing" | "refusing-login" | "silent" | "closing" | "after-data";

export interface SinkMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  /** Whether TLS was on, and who had signed in. */
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailSink {
  readonly port: number;
  readonly taken: readonly SinkMail[];
  /** How many connections came. */
  readonly count: () => number;
  /** From now on; undefined: does its work again. */
  fail(fault: MailFault | undefined): void;
  close(): Promise<void>;
}

export interface MailSinkOptions {
  readonly tls: "starttls" | "implicit" | "none";
  readonly certificate?: TestCertificate;
  readonly login?: { readonly user: string; readonly password: string };
  /** Recipients whose name begins so are refused. */
  readonly unknown?: string;
}

/** A real mail server that keeps what it is given. */
export async function openMailSink({ tls, certificate, login, unknown }: MailSinkOptions): Promise<MailSink> {
  const taken: SinkMail[] = [];
  const sockets = new Set<Socket>();
  let count = 0;
  let fault: MailFault | undefined;
  const server = new SMTPServer({
    secure: tls === "implicit",
    hideSTARTTLS: tls === "none",
    authOptional: login === undefined,
    authMethods: ["PLAIN", "LOGIN"],
    disabledCommands: login === undefined ? ["AUTH"] : [],
    ...(certificate === undefined ? {} : { key: certificate.key, cert: certificate.certificate }),
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect: (_, done) => {
      count += 1;
      if (fault === "silent") return;
      done(fault === "busy" ? Object.assign(new Error("too much to do"), { responseCode: 421 }) : null);
    },
    onAuth: ({ username, password }, _, done) => {
      const isKnown = fault !== "refusing-login" && username === login?.user && password === login?.password;
      if (isKnown) done(null, { user: username ?? "" });
      else done(Object.assign(new Error(`no such login ${password ?? ""}`), { responseCode: 535 }));
    },
    onMailFrom: (_, __, done) => {
      if (fault !== "closing") return done();
      for (const socket of sockets) socket.destroy();
    },
    onRcptTo: ({ address }, _, done) => {
      if (fault === "refusing") done(Object.assign(new Error("not here"), { responseCode: 550 }));
      else if (unknown !== undefined && address.startsWith(unknown)) {
        done(Object.assign(new Error("unknown"), { responseCode: 550 }));
      } else done();
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (fault === "after-data") return;
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString("latin1"),
          secure: session.secure,
          user: session.user,
        });
        done();
      });
    },
  });
  server.on("error", () => undefined);
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", () => done());
  });
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    taken,
    count: () => count,
    fail: (next) => (fault = next),
    close: async () => new Promise<void>((done) => server.close(() => done())),
  };
}
