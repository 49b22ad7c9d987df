import type { SecretParts } from "../../../core/model/secret.ts";
import type { Consignment } from "../../../core/ports/delivery.ts";

/** The one request body that carries the secret: handed to the socket and to nothing else. */
export function stageBody({ credential, rotation, attempt, handle, issuedAt }: Consignment, parts: SecretParts): string {
  const texts = Object.fromEntries([...parts].map(([name, part]) => [name, part.reveal()]));
  return JSON.stringify({ apiVersion: "cre/v1", phase: "stage", credential, rotationId: rotation, attemptId: attempt, handle, issuedAt, parts: texts });
}
