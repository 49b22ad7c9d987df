import { type CertificateScanner, certificateScanner } from "../../adapters/clients/tls/scan.ts";
import type { ScanEndpoint } from "../../core/certificates/endpoint.ts";
import { isAllowed } from "../../core/certificates/scan-allowance.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import type { Clock } from "../../core/ports/runtime.ts";

/** Scans public addresses, and what `network.scan` of the settings names beyond them. Asks nobody else. */
export function endpointScanner(settings: SettingsSpec | undefined): ScanEndpoint {
  let scanner: CertificateScanner | undefined;
  // Most credentials never need it, and it reads every root that this host trusts.
  return async (endpoint, signal) => {
    scanner ??= certificateScanner({ mayScan: allowance(settings) });
    return scanner.scan(endpoint, signal);
  };
}

/** The whole monitor's scanner: it trusts `roots` beside those of this host, and asks issuers what they have to say. */
export function monitorScanner(
  settings: SettingsSpec | undefined,
  roots: string | undefined,
  clock: Clock,
): CertificateScanner {
  return certificateScanner({
    mayScan: allowance(settings),
    issuers: { clock },
    ...(roots === undefined ? {} : { roots }),
  });
}

function allowance(settings: SettingsSpec | undefined) {
  const patterns = settings?.network?.scan ?? [];
  return (host: string, port: number, address: string): boolean => isAllowed(patterns, host, port, address);
}
