import type { Socket } from "node:net";
import type { Endpoint } from "../../../core/certificates/endpoint.ts";
import { ScanFailure } from "./scan-failure.ts";

/** More than any server says at once before TLS starts, and all together: as much as one without an end would say. */
const MOST_BYTES = 16 * 1024;
const MOST_ALTOGETHER = 64 * 1024;

/**
 * Asks a server that speaks in the clear to start TLS, without ever naming anybody; the connection is then ready for
 * the handshake. Rejects with a ScanFailure. The caller bounds the time by destroying the socket.
 */
export async function startTls(socket: Socket, protocol: NonNullable<Endpoint["starttls"]>): Promise<void> {
  const talk = new Conversation(socket);
  try {
    await DIALOGUES[protocol](talk);
  } finally {
    talk.end();
  }
  if (talk.left > 0) throw refused(protocol, "it goes on in the clear after it agreed");
}

const DIALOGUES: Readonly<Record<NonNullable<Endpoint["starttls"]>, (talk: Conversation) => Promise<void>>> =
  {
    smtp: async (talk) => {
      const reply = async (expected: RegExp): Promise<readonly string[]> => {
        const lines: string[] = [];
        do lines.push(await talk.line());
        while (/^\d{3}-/.test(lines.at(-1) ?? ""));
        if (!expected.test(lines.at(-1) ?? "")) throw refused("smtp", "it does not answer as a mail server");
        return lines;
      };
      await reply(/^220/);
      talk.say("EHLO localhost\r\n");
      const offers = await reply(/^250/);
      if (!offers.some((line) => /^250[- ]STARTTLS\b/i.test(line))) {
        throw refused("smtp", "it offers no STARTTLS");
      }
      talk.say("STARTTLS\r\n");
      await reply(/^220/);
    },
    imap: async (talk) => {
      if (!/^\* (OK|PREAUTH)\b/i.test(await talk.line())) {
        throw refused("imap", "it does not answer as a mail server");
      }
      talk.say("a1 STARTTLS\r\n");
      let answer = await talk.line();
      while (answer.startsWith("* ")) answer = await talk.line();
      if (!/^a1 OK\b/i.test(answer)) throw refused("imap", "it offers no STARTTLS");
    },
    postgresql: async (talk) => {
      talk.say(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
      const answer = (await talk.bytes(1)).toString("latin1");
      if (answer === "N") throw refused("postgresql", "its TLS is switched off");
      if (answer !== "S") throw refused("postgresql", "it does not answer as a PostgreSQL server");
    },
    ldap: async (talk) => {
      // ExtendedRequest with the OID of StartTLS (RFC 4511).
      const name = Buffer.from("1.3.6.1.4.1.1466.20037", "ascii");
      const request = der(0x77, der(0x80, name));
      talk.say(der(0x30, Buffer.concat([Buffer.from([0x02, 0x01, 0x01]), request])));
      const head = await talk.bytes(2);
      const long = (head[1] ?? 0) & 0x80 ? (head[1] ?? 0) & 0x7f : 0;
      if (head[0] !== 0x30 || long > 2) throw refused("ldap", "it does not answer as an LDAP server");
      const length = long === 0 ? (head[1] ?? 0) : (await talk.bytes(long)).readUIntBE(0, long);
      const body = await talk.bytes(length);
      // INTEGER messageID 1, then ExtendedResponse whose first member is ENUMERATED resultCode.
      const at = 3 + 1 + 1 + ((body[4] ?? 0) & 0x80 ? (body[4] ?? 0) & 0x7f : 0);
      if (body[3] !== 0x78 || body[at] !== 0x0a) {
        throw refused("ldap", "it does not answer as an LDAP server");
      }
      if (body[at + 2] !== 0) throw refused("ldap", "it offers no StartTLS");
    },
  };

function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

function refused(protocol: string, why: string): ScanFailure {
  return new ScanFailure("starttls-refused", `${protocol}: ${why}`);
}

function tooMuch(): ScanFailure {
  return new ScanFailure("starttls-refused", "it says too much before TLS starts");
}

/** What is said in the clear, read piece by piece. */
class Conversation {
  readonly #socket: Socket;
  #held = Buffer.alloc(0);
  #heard = 0;
  #waiting: (() => void) | undefined;
  #closed = false;
  readonly #take = (chunk: Buffer): void => {
    this.#heard += chunk.length;
    this.#held = Buffer.concat([this.#held, chunk]);
    this.#waiting?.();
  };
  readonly #close = (): void => {
    this.#closed = true;
    this.#waiting?.();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#take).once("close", this.#close).once("end", this.#close);
  }

  get left(): number {
    return this.#held.length;
  }

  say(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  async bytes(count: number): Promise<Buffer> {
    if (count > MOST_BYTES || this.#heard > MOST_ALTOGETHER) throw tooMuch();
    while (this.#held.length < count) await this.#more();
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf("\n");
      if (end !== -1) return (await this.bytes(end + 1)).toString("latin1").trimEnd();
      await this.#more();
    }
  }

  end(): void {
    this.#socket.pause();
    this.#socket.off("data", this.#take).off("close", this.#close).off("end", this.#close);
  }

  async #more(): Promise<void> {
    if (this.#held.length > MOST_BYTES) throw tooMuch();
    if (this.#closed) {
      throw new ScanFailure("closed", "the connection is closed before the handshake is done");
    }
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
    });
  }
}
