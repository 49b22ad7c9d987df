import type { PlaceLook } from "../certificates/place-look.ts";
import type { Credential } from "../documents/credential.ts";

/** Looks at the places of certificates that documents name: endpoints, and files. */
export interface CertificateMonitor {
  /**
   * One look at every place of this certificate, in the order of its document. What cannot be seen is in the looks, so
   * that this rejects only with the reason of the aborted signal.
   */
  look(credential: Credential, signal: AbortSignal): Promise<readonly PlaceLook[]>;
}
