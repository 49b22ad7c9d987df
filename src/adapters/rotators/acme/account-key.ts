import { createPrivateKey, type KeyObject } from "node:crypto";
import { CreError } from "../../../core/model/errors.ts";

/** The key, from PEM or a JSON Web Key. Throws a CreError without the parser's words, which may quote it. */
export function accountKeyOf(text: string, label: string): KeyObject {
  const key = keyIn(text);
  if (key !== undefined && canSign(key)) return key;
  const problem = key === undefined ? "cannot be read" : "is of a kind that is not signed with here";
  throw new CreError("acme-account-key", `the account key for ${label} ${problem}`, {
    ...(key === undefined ? {} : { evidence: `its type is ${key.asymmetricKeyType}` }),
    fix: "give a private key (RSA, or ECDSA on P-256, P-384 or P-521) as PEM, such as `openssl ecparam -genkey -name prime256v1 -noout` makes, or as a JWK",
  });
}

function keyIn(text: string): KeyObject | undefined {
  try {
    return text.trimStart().startsWith("{")
      ? createPrivateKey({ key: JSON.parse(text) as Record<string, string>, format: "jwk" })
      : createPrivateKey(text);
  } catch {
    return undefined;
  }
}

const CURVES: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);

/** What acme-client has signatures for. */
function canSign({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  return type === "rsa" || (type === "ec" && CURVES.has(details?.namedCurve ?? ""));
}

/** PKCS #8, which every parser reads. */
export function pemOf(key: KeyObject): string {
  return String(key.export({ type: "pkcs8", format: "pem" }));
}
