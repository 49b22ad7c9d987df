/** Numbers and texts of the SSH protocol (RFC 4251, section 5), and the private key file of OpenSSH (PROTOCOL.key). */

/** Public and private half of an Ed25519 key, 32 bytes each. */
export interface Ed25519Bytes {
  readonly publicKey: Uint8Array;
  readonly seed: Uint8Array;
}

/** The numbers of an RSA key, big-endian, with or without leading zeros. */
export interface RsaNumbers {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
  readonly d: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  /** The inverse of `q` modulo `p`. */
  readonly qi: Uint8Array;
}

const MAGIC = "openssh-key-v1\0";
/** The block size of the cipher `none`. */
const BLOCK = 8;
const LINE = 70;

export function ed25519Blob(publicKey: Uint8Array): Buffer {
  return Buffer.concat([string("ssh-ed25519"), string(publicKey)]);
}

export function rsaBlob({ n, e }: Pick<RsaNumbers, "n" | "e">): Buffer {
  return Buffer.concat([string("ssh-rsa"), mpint(e), mpint(n)]);
}

/** The private part of a key, as it stands in the file. `check`: the same random number twice. */
export function ed25519Private({ publicKey, seed }: Ed25519Bytes): Buffer {
  return Buffer.concat([string("ssh-ed25519"), string(publicKey), string(Buffer.concat([seed, publicKey]))]);
}

export function rsaPrivate({ n, e, d, p, q, qi }: RsaNumbers): Buffer {
  return Buffer.concat([string("ssh-rsa"), mpint(n), mpint(e), mpint(d), mpint(qi), mpint(p), mpint(q)]);
}

/** The file, without encryption. `check` are four random bytes, by which a reader knows that it decrypted well. */
export function privateKeyFile(parts: {
  readonly blob: Uint8Array;
  readonly secret: Uint8Array;
  readonly comment: string;
  readonly check: Uint8Array;
}): string {
  const inner = Buffer.concat([parts.check, parts.check, parts.secret, string(parts.comment)]);
  const padding = Buffer.from(
    Array.from({ length: (BLOCK - (inner.length % BLOCK)) % BLOCK }, (_, at) => at + 1),
  );
  const one = Buffer.alloc(4);
  one.writeUInt32BE(1);
  const file = Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    string("none"),
    string("none"),
    string(""),
    one,
    string(parts.blob),
    string(Buffer.concat([inner, padding])),
  ]);
  const lines = file.toString("base64").match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

function string(value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number that is never negative: no leading zeros, except one before a high bit. */
function mpint(value: Uint8Array): Buffer {
  let start = 0;
  while (start < value.length && value[start] === 0) start += 1;
  const digits = value.subarray(start);
  const isHigh = (digits[0] ?? 0) >= 0x80;
  return string(isHigh ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}
