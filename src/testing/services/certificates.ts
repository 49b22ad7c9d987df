import {
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomBytes,
  sign,
} from "node:crypto";
import { isIP } from "node:net";

export interface TestCertificate {
  /** PEM texts. */
  readonly key: string;
  readonly certificate: string;
}

export interface TestAuthority {
  /** PEM text of the authority's own certificate. */
  readonly ca: string;
  /**
   * A certificate for these host names and addresses, by default valid from yesterday, for ten years, and of P-256.
   * A test with a clock of its own says from when: yesterday may be its future.
   */
  issue(
    names: readonly string[],
    options?: {
      readonly notBefore?: Date;
      readonly notAfter?: Date;
      readonly pair?: KeyPairKeyObjectResult;
    },
  ): TestCertificate;
}

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const DAY = 86_400_000;

/** A certificate authority of its own, made without any tool beside Node. */
export function createAuthority(name = "cre test authority"): TestAuthority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const notAfter = new Date(Date.now() + 3650 * DAY);
  const isAuthority = sequence(
    oid("2.5.29.19"),
    Buffer.from([0x01, 0x01, 0xff]),
    octets(sequence(Buffer.from([0x01, 0x01, 0xff]))),
  );
  const own = { subject: name, issuer: name, notAfter, extension: isAuthority };
  return {
    ca: pem("CERTIFICATE", certificate({ ...own, publicKey, signer: privateKey })),
    issue: (names, options) => {
      const pair = options?.pair ?? generateKeyPairSync("ec", { namedCurve: "P-256" });
      const der = certificate({
        subject: names[0] ?? "nobody",
        issuer: name,
        ...(options?.notBefore === undefined ? {} : { notBefore: options.notBefore }),
        notAfter: options?.notAfter ?? notAfter,
        extension: sequence(oid("2.5.29.17"), octets(sequence(...names.map(alternativeName)))),
        publicKey: pair.publicKey,
        signer: privateKey,
      });
      const key = pair.privateKey.export({ type: "pkcs8", format: "pem" });
      return { key: String(key), certificate: pem("CERTIFICATE", der) };
    },
  };
}

interface Draft {
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore?: Date;
  readonly notAfter: Date;
  readonly extension: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
}

function certificate(draft: Draft): Buffer {
  const { subject, issuer, notAfter, extension, publicKey, signer } = draft;
  const notBefore = draft.notBefore ?? new Date(Math.min(Date.now(), notAfter.getTime()) - DAY);
  const serial = randomBytes(16);
  serial[0] = 0x40;
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    sequence(oid(ECDSA_WITH_SHA256)),
    distinguished(issuer),
    sequence(time(notBefore), time(notAfter)),
    distinguished(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(extension)),
  );
  const signature = sign("sha256", body, signer);
  return sequence(body, sequence(oid(ECDSA_WITH_SHA256)), tagged(0x03, Buffer.from([0]), signature));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return tagged(0x87, Buffer.from(name.split(".").map(Number)));
  return tagged(0x82, Buffer.from(name, "ascii"));
}

function distinguished(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid("2.5.4.3"), tagged(0x0c, Buffer.from(commonName, "utf8")))));
}

function time(date: Date): Buffer {
  const text = `${date.toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`;
  // Years before 2050 have the short form.
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(text.slice(2), "ascii"))
    : tagged(0x18, Buffer.from(text, "ascii"));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return tagged(0x30, ...content);
}

function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x1_00
        ? [0x81, body.length]
        : [0x82, body.length >>> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
