import { scanEndpoint } from "../../adapters/clients/tls/scan.ts";
import { endpointLabel, type ScanEndpoint } from "../../core/certificates/endpoint.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import { globMatches } from "../../core/text/glob.ts";

/** Scans public addresses, and what `network.scan` of the settings names beyond them. */
export function endpointScanner(settings: SettingsSpec | undefined): ScanEndpoint {
  const patterns = settings?.network?.scan ?? [];
  return (endpoint, signal) =>
    scanEndpoint(
      endpoint,
      () =>
        patterns.some((pattern) =>
          globMatches(pattern, endpointLabel({ host: endpoint.host, port: endpoint.port })),
        ),
      signal,
    );
}
