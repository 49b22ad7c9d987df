import { createHash, generateKeyPair, type JsonWebKey } from "node:crypto";
import { promisify } from "node:util";
import { EffectError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Random } from "../../../core/ports/runtime.ts";
import { ed25519Blob, ed25519Private, privateKeyFile, rsaBlob, rsaPrivate } from "./openssh-encoding.ts";

const generate = promisify(generateKeyPair);

/** What `keyType` may be. */
export type KeyType = "ed25519" | "rsa-3072" | "rsa-4096";

/** A key that was made and looked at: both halves are of one key, and every program that knows the format reads them. */
export interface KeyPair {
  /** `SHA256:…`. */
  readonly fingerprint: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicLine: string;
  /** The OpenSSH private key file. */
  readonly privateKey: Secret;
}

/** Makes a key. The comment stands in the private key file, and is public. */
export async function makeKeyPair(type: KeyType, comment: string, random: Random): Promise<KeyPair> {
  const jwk = await newKey(type);
  const pair = encodeKeyPair(type, jwk, comment, random.bytes(4));
  await checkKeyPair(pair);
  return pair;
}

/** The OpenSSH forms of a key that Node made. */
export function encodeKeyPair(type: KeyType, jwk: JsonWebKey, comment: string, check: Uint8Array): KeyPair {
  const { blob, secret, name } = type === "ed25519" ? ed25519Of(jwk) : rsaOf(jwk);
  return {
    fingerprint: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`,
    publicLine: `${name} ${blob.toString("base64")}`,
    privateKey: new Secret(privateKeyFile({ blob, secret, comment, check })),
  };
}

/** Reads both halves back with another implementation, and has them sign and verify. Rejects with an EffectError. */
export async function checkKeyPair({ publicLine, privateKey }: KeyPair): Promise<void> {
  const { utils } = (await import("ssh2")).default;
  const secret = utils.parseKey(privateKey.reveal());
  const open = utils.parseKey(publicLine);
  if (secret instanceof Error || open instanceof Error) throw broken("it cannot be read back");
  if (!secret.getPublicSSH().equals(open.getPublicSSH())) throw broken("its halves are of two keys");
  const text = Buffer.from("two halves of one key");
  const signature = secret.sign(text, open.type === "ssh-rsa" ? "sha256" : undefined);
  if (signature instanceof Error) throw broken("it does not sign");
  // It answers with an error where it cannot.
  const verdict: unknown = open.verify(text, signature, open.type === "ssh-rsa" ? "sha256" : undefined);
  if (verdict !== true) throw broken("what it signs is not its own");
}

async function newKey(type: KeyType): Promise<JsonWebKey> {
  const { privateKey } =
    type === "ed25519"
      ? await generate("ed25519")
      : await generate("rsa", { modulusLength: type === "rsa-3072" ? 3072 : 4096, publicExponent: 65537 });
  return privateKey.export({ format: "jwk" });
}

interface Encoded {
  readonly name: string;
  readonly blob: Buffer;
  readonly secret: Buffer;
}

function ed25519Of({ x, d }: JsonWebKey): Encoded {
  const [publicKey, seed] = [bytesOf(x), bytesOf(d)];
  if (publicKey.length !== 32 || seed.length !== 32) throw broken("its numbers have another length");
  return {
    name: "ssh-ed25519",
    blob: ed25519Blob(publicKey),
    secret: ed25519Private({ publicKey, seed }),
  };
}

function rsaOf({ n, e, d, p, q, qi }: JsonWebKey): Encoded {
  const numbers = {
    n: bytesOf(n),
    e: bytesOf(e),
    d: bytesOf(d),
    p: bytesOf(p),
    q: bytesOf(q),
    qi: bytesOf(qi),
  };
  return { name: "ssh-rsa", blob: rsaBlob(numbers), secret: rsaPrivate(numbers) };
}

function bytesOf(text: string | undefined): Buffer {
  return Buffer.from(text ?? "", "base64url");
}

function broken(why: string): EffectError {
  return new EffectError("refused", "key-broken", "the new SSH key is not sound, and was thrown away", {
    evidence: why,
    fix: "nothing: the next attempt makes another",
  });
}
