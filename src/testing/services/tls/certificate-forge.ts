import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";
import { readDer, writeDer } from "../../../adapters/clients/tls/der.ts";

/** A certificate and what it takes to sign with it. */
export interface Forged {
  readonly der: Buffer;
  readonly pem: string;
  /** PEM of the private key. */
  readonly key: string;
  readonly privateKey: KeyObject;
  /** DER of its own name. */
  readonly name: Buffer;
}

export interface Wish {
  /** Common name. */
  readonly cn: string;
  /** Absent: it signs itself. */
  readonly by?: Forged;
  readonly ca?: boolean;
  /** DNS names and addresses (`DNS:10.0.0.1` has the type of a name); absent: no such extension. */
  readonly names?: readonly string[];
  /** Days from now; default: from yesterday for a year. */
  readonly from?: number;
  readonly to?: number;
  /** In place of `to`. */
  readonly notAfter?: string;
  /** Content of the INTEGER. */
  readonly serial?: Buffer;
  readonly key?: "ec" | "rsa-1024" | "rsa-2048" | "ed25519";
  readonly hash?: "sha256" | "sha1" | "md5";
  readonly ocsp?: string;
  readonly caIssuers?: string;
  readonly crl?: string;
  readonly signsOcsp?: boolean;
  /** Bytes of padding in an extension that nobody knows. */
  readonly padding?: number;
  /** Further extensions: their value by OID, whatever it is; critical where the OID begins with `!`. */
  readonly extensions?: Readonly<Record<string, Buffer>>;
}

const DAY = 86_400_000;
/** Content of the algorithm's SEQUENCE. */
const ALGORITHMS: Readonly<Record<string, Buffer>> = {
  "ec sha256": oid("1.2.840.10045.4.3.2"),
  "ec sha1": oid("1.2.840.10045.4.1"),
  "rsa sha256": Buffer.concat([oid("1.2.840.113549.1.1.11"), writeDer(0x05)]),
  "rsa sha1": Buffer.concat([oid("1.2.840.113549.1.1.5"), writeDer(0x05)]),
  "rsa md5": Buffer.concat([oid("1.2.840.113549.1.1.4"), writeDer(0x05)]),
  "ed25519 sha256": oid("1.3.101.112"),
};

/** Makes a certificate as wished, right or wrong; nothing but Node is needed. */
export function forge(wish: Wish): Forged {
  const { publicKey, privateKey } = pairOf(wish.key ?? "ec");
  const name = nameOf(wish.cn);
  const signer = wish.by?.privateKey ?? privateKey;
  const { algorithm, hash } = algorithmOf(signer, wish.hash ?? "sha256");
  const now = Date.now();
  const until =
    wish.notAfter === undefined ? new Date(now + (wish.to ?? 365) * DAY) : new Date(wish.notAfter);
  const body = writeDer(
    0x30,
    writeDer(0xa0, writeDer(0x02, Buffer.from([2]))),
    writeDer(0x02, wish.serial ?? serial()),
    algorithm,
    wish.by?.name ?? name,
    writeDer(0x30, time(new Date(now + (wish.from ?? -1) * DAY)), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    writeDer(0xa3, writeDer(0x30, ...extensionsOf(wish))),
  );
  const signature = writeDer(0x03, Buffer.from([0]), sign(hash, body, signer));
  const der = writeDer(0x30, body, algorithm, signature);
  const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  return { der, pem: pem("CERTIFICATE", der), key, privateKey, name };
}

function pairOf(kind: NonNullable<Wish["key"]>): { publicKey: KeyObject; privateKey: KeyObject } {
  if (kind === "ed25519") return generateKeyPairSync("ed25519");
  if (kind === "ec") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return generateKeyPairSync("rsa", { modulusLength: Number(kind.slice(4)) });
}

export function algorithmOf(
  signer: KeyObject,
  wanted: NonNullable<Wish["hash"]>,
): { readonly algorithm: Buffer; readonly hash: string | null } {
  const type = signer.asymmetricKeyType ?? "";
  const algorithm = ALGORITHMS[`${type} ${wanted}`];
  if (algorithm === undefined) throw new Error(`no algorithm for ${type} with ${wanted}`);
  return { algorithm: writeDer(0x30, algorithm), hash: type === "ed25519" ? null : wanted };
}

function extensionsOf(wish: Wish): Buffer[] {
  const { ca, names, ocsp, caIssuers, crl, signsOcsp, padding, extensions = {} } = wish;
  const found: Buffer[] = [];
  if (ca === true) found.push(extension("2.5.29.19", writeDer(0x30, writeDer(0x01, Buffer.from([0xff])))));
  if (names !== undefined) found.push(extension("2.5.29.17", writeDer(0x30, ...names.map(alternativeName))));
  const access = [
    ...(ocsp === undefined ? [] : [accessTo("1.3.6.1.5.5.7.48.1", ocsp)]),
    ...(caIssuers === undefined ? [] : [accessTo("1.3.6.1.5.5.7.48.2", caIssuers)]),
  ];
  if (access.length > 0) found.push(extension("1.3.6.1.5.5.7.1.1", writeDer(0x30, ...access)));
  if (crl !== undefined) {
    const point = writeDer(0xa0, writeDer(0xa0, writeDer(0x86, Buffer.from(crl, "ascii"))));
    found.push(extension("2.5.29.31", writeDer(0x30, writeDer(0x30, point))));
  }
  if (signsOcsp === true) found.push(extension("2.5.29.37", writeDer(0x30, oid("1.3.6.1.5.5.7.3.9"))));
  if (padding !== undefined) {
    found.push(extension("1.3.6.1.4.1.99999.1", writeDer(0x04, Buffer.alloc(padding, 0x61))));
  }
  return [...found, ...Object.entries(extensions).map(([id, value]) => extension(id, value))];
}

function extension(id: string, value: Buffer): Buffer {
  const critical = id.startsWith("!") ? [writeDer(0x01, Buffer.from([0xff]))] : [];
  return writeDer(0x30, oid(id.replace("!", "")), ...critical, writeDer(0x04, value));
}

function accessTo(method: string, url: string): Buffer {
  return writeDer(0x30, oid(method), writeDer(0x86, Buffer.from(url, "ascii")));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return writeDer(0x87, Buffer.from(name.split(".").map(Number)));
  if (name === "::1") return writeDer(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]));
  return writeDer(0x82, Buffer.from(name.replace(/^DNS:/, ""), "ascii"));
}

function nameOf(cn: string): Buffer {
  return writeDer(
    0x30,
    writeDer(0x31, writeDer(0x30, oid("2.5.4.3"), writeDer(0x0c, Buffer.from(cn, "utf8")))),
  );
}

function serial(): Buffer {
  const { privateKey } = generateKeyPairSync("ed25519");
  const bytes = privateKey.export({ type: "pkcs8", format: "der" }).subarray(-16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes;
}

/** Years before 2050 have the short form. */
function time(date: Date): Buffer {
  const text = `${date.toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? writeDer(0x17, Buffer.from(text.slice(2), "ascii"))
    : writeDer(0x18, Buffer.from(text, "ascii"));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return writeDer(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** The serial of a forged certificate: the INTEGER with its tag. */
export function serialOf({ der }: Forged): Buffer {
  const body = readDer(readDer(der).content);
  const version = readDer(body.content);
  return readDer(body.content.subarray(version.raw.length)).raw;
}
