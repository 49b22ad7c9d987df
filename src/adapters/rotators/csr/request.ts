import type { CsrProvider } from "../../../core/documents/provider.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import type { Clock } from "../../../core/ports/runtime.ts";
import { createCertificateKey } from "../../clients/x509/key-pair.ts";
import { requestText, signingRequest } from "../../clients/x509/signing-request.ts";

/** What a version of this provider is known by: its key, since its certificate comes later. */
export function handleOf({ spki }: { readonly spki: string }): string {
  return `spki-sha256:${spki}`;
}

/** A new key in memory and the request that its certificate is made for. Nothing outside changes. */
export async function makeRequest(provider: CsrProvider, clock: Clock): Promise<Issued> {
  const key = await createCertificateKey(provider.keyType ?? "ecdsa-p256");
  const request = requestText(await signingRequest(provider.names, key, subjectOf(provider)));
  const handle = handleOf(key);
  return {
    handle,
    slot: handle,
    createdAt: clock.now(),
    parts: new Map([
      ["privateKey", key.pem],
      ["request", new Secret(request)],
    ]),
    reference: request,
  };
}

function subjectOf({ names, subject = {} }: CsrProvider): readonly Readonly<Record<string, string>>[] {
  const { commonName = names[0], organization, organizationalUnit, locality, state, country } = subject;
  const parts = {
    C: country,
    ST: state,
    L: locality,
    O: organization,
    OU: organizationalUnit,
    CN: commonName,
  };
  return Object.entries(parts).flatMap(([name, value]) => {
    // A common name holds 64 characters (RFC 5280, ub-common-name); a longer name stands in the extension.
    if (value === undefined || value.length > (name === "CN" ? 64 : 128)) return [];
    return [{ [name]: value }];
  });
}
