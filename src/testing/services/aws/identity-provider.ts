import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { AwsError } from "./aws-error.ts";

/** What a token says; `sub` and `aud` are what trust policies ask for most. */
export type IdentityClaims = Readonly<Record<string, string | number>>;

/** Whoever vouches by OpenID Connect for what runs somewhere, such as GitHub for a job. */
export interface IdentityProvider {
  /** Without the scheme, as IAM names it: `token.actions.githubusercontent.com`. */
  readonly host: string;
  readonly publicKey: KeyObject;
  /** A token signed by it, good for five minutes from `now`; claims given win. */
  token(claims: IdentityClaims, now?: Date): string;
}

export function createIdentityProvider(host: string): IdentityProvider {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    host,
    publicKey,
    token: (claims, now = new Date()) => {
      const seconds = Math.floor(now.getTime() / 1000);
      const body = { iss: `https://${host}`, iat: seconds, nbf: seconds, exp: seconds + 300, ...claims };
      const signed = `${encoded({ alg: "ES256", typ: "JWT" })}.${encoded(body)}`;
      const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return `${signed}.${signature.toString("base64url")}`;
    },
  };
}

/**
 * The claims of a token of one of the providers.
 *
 * @throws AwsError InvalidIdentityToken, ExpiredTokenException.
 */
export function claimsOf(
  token: string,
  providers: ReadonlyMap<string, KeyObject>,
  now: Date,
): { readonly host: string; readonly claims: IdentityClaims } {
  const [header = "", body = "", signature = ""] = token.split(".");
  let claims: IdentityClaims;
  try {
    claims = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
  } catch {
    throw invalid(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  }
  const host = String(claims["iss"]).replace(/^https:\/\//, "");
  const key = providers.get(host);
  if (key === undefined) throw invalid("No OpenIDConnect provider found in your account for this issuer");
  const good = verify(
    "sha256",
    Buffer.from(`${header}.${body}`),
    { key, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!good) throw invalid("Token signature invalid");
  if (Number(claims["exp"]) * 1000 <= now.getTime()) {
    throw new AwsError(
      "ExpiredTokenException",
      400,
      "Token expired: current date/time must be before the expiration date/time",
    );
  }
  return { host, claims };
}

function invalid(why: string): AwsError {
  return new AwsError("InvalidIdentityToken", 400, why);
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
