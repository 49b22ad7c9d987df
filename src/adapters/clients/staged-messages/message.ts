import type { SecretParts } from "../../../core/model/secret.ts";
import type { Consignment } from "../../../core/ports/delivery.ts";
import type { Phase } from "./held.ts";

/** Receivers need not take more. */
export const LARGEST_MESSAGE = 256 * 1024;

/** The body of a request, secret where it has parts. */
export function messageText(phase: Phase, consignment: Consignment, parts: SecretParts | undefined): string {
  const { credential, rotation, attempt, handle, issuedAt } = consignment;
  return JSON.stringify({
    apiVersion: "cre/v1",
    phase,
    credential,
    rotationId: rotation,
    attemptId: attempt,
    handle,
    issuedAt,
    ...(parts === undefined
      ? {}
      : { parts: Object.fromEntries([...parts].map(([name, part]) => [name, part.reveal()])) }),
  });
}
