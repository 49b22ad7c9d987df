import { createHmac, timingSafeEqual } from "node:crypto";
import { Secret } from "../../../core/model/secret.ts";

/** What Keycloak shows to those who may see a client and not its secret. */
const MASK = /^\*+$/;
/** A reference into Keycloak's vault stands in the place of the secret. */
const VAULT = /^\$\{vault\..*\}$/;
/** Bytes of randomness of a secret that we make: written as hex, which needs no encoding anywhere. */
const STRENGTH = 32;

/**
 * Ties a note of ours to the secret that it is about, wherever Keycloak has moved that since. It stands beside the secret
 * itself, where whoever may read the one may read the other, and nowhere else.
 */
export function checkOf(secret: Secret, about: string): string {
  return createHmac("sha256", secret.reveal()).update(`cre ${about}`, "utf8").digest("hex").slice(0, 16);
}

export function isSameSecret(a: Secret, b: Secret): boolean {
  const [one, other] = [Buffer.from(a.reveal()), Buffer.from(b.reveal())];
  return one.length === other.length && timingSafeEqual(one, other);
}

export function newSecret(bytes: (length: number) => Uint8Array): Secret {
  return new Secret(Buffer.from(bytes(STRENGTH)).toString("hex"));
}

/** Why what stands in a secret's place is none that can be worked with; undefined when it is one. */
export function unusable(secret: Secret): "masked" | "vault" | undefined {
  if (MASK.test(secret.reveal())) return "masked";
  return VAULT.test(secret.reveal()) ? "vault" : undefined;
}

/** A change of a client as JSON: the only place where a secret goes into a message. */
export function changeText(fields: object, secrets: { current?: Secret; rotated?: Secret }): string {
  return JSON.stringify({
    ...fields,
    ...(secrets.current === undefined ? {} : { secret: secrets.current.reveal() }),
    attributes: {
      ...("attributes" in fields && typeof fields.attributes === "object" ? fields.attributes : {}),
      ...(secrets.rotated === undefined ? {} : { "client.secret.rotated": secrets.rotated.reveal() }),
    },
  });
}
