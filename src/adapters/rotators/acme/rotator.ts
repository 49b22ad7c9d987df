import { endpointOf } from "../../../core/certificates/endpoint.ts";
import { servedAnywhere, servedEverywhere } from "../../../core/certificates/standing.ts";
import { namesAsOne, placeOfUrl } from "../../../core/documents/check/provider-identity.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { AcmeProvider } from "../../../core/documents/provider.ts";
import type { BoundRotator, Rotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { Ca } from "./ca.ts";
import { systemCaa } from "./caa.ts";
import { commandWay } from "./challenges/command.ts";
import { dnsWebhookWay } from "./challenges/dns-webhook.ts";
import { listenWay } from "./challenges/listen.ts";
import { Listeners } from "./challenges/listeners.ts";
import { route53Way } from "./challenges/route53.ts";
import type { ChallengeWay } from "./challenges/way.ts";
import { webrootWay } from "./challenges/webroot.ts";
import { issueCertificate } from "./issue.ts";
import { observe, servedNow } from "./observe.ts";
import { requestOrder } from "./order.ts";
import { handleOf } from "./place.ts";
import { preflight } from "./preflight.ts";
import { containCertificate, revokeVersion } from "./revoke.ts";
import type { ResolveCaa, Site } from "./site.ts";
import { verifyCertificate } from "./verify.ts";

/** Below the 60 s that the runner gives an effect, so that it ends with words of its own. */
const PATIENCE_SECONDS = 50;

/**
 * Certificates of a CA that speaks ACME (RFC 8555): the order is on record before it is collected with a new key, the
 * pair is handed over as one, and it is in use once every endpoint serves it. The old one only runs out.
 */
export const acmeRotator: Rotator = createAcmeRotator({ patience: PATIENCE_SECONDS, resolveCaa: systemCaa });

/** The rotator with other limits and another DNS. `patience`: seconds that an effect may take before it ends itself. */
export function createAcmeRotator(world: {
  readonly patience: number;
  readonly resolveCaa: ResolveCaa;
}): Rotator {
  // One for all certificates: several may be proven at the same address at once.
  const listeners = new Listeners();
  return {
    type: "acme",
    parameters: AcmeProvider,
    parts: ["privateKey", "certificate", "chain", "fullchain"],
    recipe: () => "ordered",
    identity: (credential, connection) => {
      const { connection: name, names } = providerOf(credential);
      return identityOf(name, connection(name)?.acme?.directory, names);
    },
    objects: (credential) => providerOf(credential).names.map((name) => name.toLowerCase()),
    connections: (credential) => {
      const { connection, challenge } = providerOf(credential);
      const { "http-01": http, "dns-01": dns } = challenge;
      const through = [http?.webroot?.connection, dns?.route53?.connection, dns?.webhook?.connection];
      return [connection, ...through.filter((name) => name !== undefined)];
    },
    bind: async (name, credential, ports) => {
      const provider = providerOf(credential);
      const names = [...new Set(provider.names.map((one) => one.toLowerCase()))];
      const { handle, expiresAt } = credential;
      return bound({
        credential: name,
        provider,
        names,
        endpoints: (credential.endpoints ?? []).map(endpointOf),
        declared: {
          ...(handle === undefined ? {} : { handle }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        },
        ca: new Ca(name, provider.connection, ports),
        way: wayOf(name, provider, names, listeners, ports),
        ports,
        recorded: new Map(),
        ...world,
      });
    },
  };
}

function bound(site: Site): BoundRotator {
  const { provider, ca } = site;
  return {
    identity: identityOf(provider.connection, ca.connection.directory, provider.names),
    preflight: async (signal) => preflight(site, signal),
    observe: async (signal, recorded) => observe(site, signal, recorded),
    // A CA has no place for a mark: the record has it, and the account is what proves whose a certificate is.
    adopt: async () => undefined,
    request: async (_, former, signal) => requestOrder(site, former, signal),
    issue: async (_, __, signal, reference) => issueCertificate(site, reference, signal),
    verify: async (issued) => verifyCertificate(site, issued),
    revoke: async (version, fence, signal) => revokeVersion(site, version, fence, signal),
    contain: async (version, _, signal) => containCertificate(site, version, signal),
    ...(site.endpoints.length > 0 && {
      inUse: async (version, _, signal) =>
        servedAnywhere(version, await servedNow(site, signal), handleOf, site.ports.clock.now()),
      inUseEverywhere: async (version, signal) => {
        const known = new Set(site.recorded.keys());
        return servedEverywhere(
          version,
          await servedNow(site, signal),
          handleOf,
          known,
          site.ports.clock.now(),
        );
      },
    }),
    close: async () => site.way.close?.(),
  };
}

function wayOf(
  credential: string,
  { challenge }: AcmeProvider,
  names: readonly string[],
  listeners: Listeners,
  ports: RotatorPorts,
): ChallengeWay {
  const { "http-01": http, "dns-01": dns } = challenge;
  if (http?.listen !== undefined) return listenWay(http.listen, listeners, ports.pause);
  if (http?.webroot !== undefined) return webrootWay(credential, http.webroot, ports);
  if (http?.command !== undefined) return commandWay(credential, "http-01", http.command, ports);
  if (dns?.route53 !== undefined) return route53Way(credential, names, dns.route53, ports);
  if (dns?.webhook !== undefined) return dnsWebhookWay(credential, dns.webhook.connection, ports);
  if (dns?.command !== undefined) return commandWay(credential, "dns-01", dns.command, ports);
  throw new Error("a challenge without a way passed validation");
}

function identityOf(connection: string, directory: string | undefined, names: readonly string[]): string {
  const place = directory === undefined ? `connection ${connection}` : placeOfUrl(directory);
  return `acme/${place}/${namesAsOne(names)}`;
}

function providerOf(credential: CredentialSpec): AcmeProvider {
  const provider = credential.provider?.acme;
  if (provider === undefined) throw new Error("bound to a credential of another provider");
  return provider;
}
