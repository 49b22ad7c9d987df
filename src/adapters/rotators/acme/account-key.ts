import { createPrivateKey, type KeyObject } from "node:crypto";
import { CreError } from "../../../core/model/errors.ts";

/** The key as PEM or as a JSON Web Key. The parser's words may quote it. */
export function accountKeyOf(text: string, label: string): KeyObject {
  try {
    return text.trimStart().startsWith("{")
      ? createPrivateKey({ key: JSON.parse(text) as Record<string, string>, format: "jwk" })
      : createPrivateKey(text);
  } catch {
    throw new CreError("acme-account-key", `the account key for ${label} cannot be read`, {
      fix: "give a private key as PEM, such as `openssl ecparam -genkey -name prime256v1 -noout` makes, or as a JWK",
    });
  }
}

/** PKCS #8, which every parser reads. */
export function pemOf(key: KeyObject): string {
  return String(key.export({ type: "pkcs8", format: "pem" }));
}
