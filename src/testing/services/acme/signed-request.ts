import {
  createHash,
  createHmac,
  createPublicKey,
  type JsonWebKey,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { AcmeProblem } from "./acme-problem.ts";

/** A request's body as RFC 8555 6.2 has it. */
export interface SignedRequest {
  readonly protected: ProtectedHeader;
  /** Undefined: POST-as-GET. */
  readonly payload: Readonly<Record<string, unknown>> | undefined;
  /** The key whose owner has sent it is for the caller to find: by `kid`, or the one that is in it. */
  isSignedBy(key: JsonWebKey): boolean;
}

interface ProtectedHeader {
  readonly alg: string;
  readonly nonce?: string;
  readonly url: string;
  readonly kid?: string;
  readonly jwk?: JsonWebKey;
}

const HASHES: Readonly<Record<string, string>> = {
  ES256: "sha256",
  ES384: "sha384",
  ES512: "sha512",
  RS256: "sha256",
};

/** Reads one; an AcmeProblem where it is none. */
export function readSigned(body: string): SignedRequest {
  const parts = parsed(body);
  const coded = { head: textOf(parts["protected"]), payload: textOf(parts["payload"]) };
  // `as`: what is missing is found by the checks of the caller.
  const head = parsed(decoded(coded.head)) as unknown as ProtectedHeader;
  const hash = HASHES[head.alg];
  if (hash === undefined) throw new AcmeProblem(400, "badSignatureAlgorithm", `${head.alg} is not taken`);
  if ((head.kid === undefined) === (head.jwk === undefined)) throw malformed("either kid or jwk");
  const signature = Buffer.from(textOf(parts["signature"]), "base64url");
  return {
    protected: head,
    payload: coded.payload === "" ? undefined : parsed(decoded(coded.payload)),
    isSignedBy: (jwk) => {
      const key = createPublicKey({ key: jwk, format: "jwk" });
      const signed = Buffer.from(`${coded.head}.${coded.payload}`);
      return verify(hash, signed, { key, dsaEncoding: "ieee-p1363" }, signature);
    },
  };
}

/** Whether an external account binding (RFC 8555 7.3.4) is by this key, for this account key. */
export function isBoundBy(binding: unknown, key: string, account: JsonWebKey): boolean {
  const parts = parsed(JSON.stringify(binding));
  const [head, payload] = [textOf(parts["protected"]), textOf(parts["payload"])];
  const wanted = createHmac("sha256", Buffer.from(key, "base64url")).update(`${head}.${payload}`).digest();
  const given = Buffer.from(textOf(parts["signature"]), "base64url");
  const bound = parsed(decoded(payload)) as JsonWebKey;
  return (
    given.length === wanted.length &&
    timingSafeEqual(given, wanted) &&
    thumbprint(bound) === thumbprint(account)
  );
}

/** The key id of an external account binding. */
export function keyIdOf(binding: unknown): string {
  return textOf(parsed(decoded(textOf(parsed(JSON.stringify(binding))["protected"])))["kid"]);
}

/** RFC 7638. */
export function thumbprint({ kty, crv, x, y, e, n }: JsonWebKey): string {
  const members = kty === "RSA" ? { e, kty, n } : { crv, kty, x, y };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    // `as`: an object of JSON has string keys.
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw malformed("no JSON object");
}

function decoded(text: string): string {
  return Buffer.from(text, "base64url").toString("utf8");
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw malformed("a field of the JWS is missing");
}

function malformed(detail: string): AcmeProblem {
  return new AcmeProblem(400, "malformed", detail);
}
