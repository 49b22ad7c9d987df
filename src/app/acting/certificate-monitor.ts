import { CertificateFiles } from "../../adapters/clients/tls/certificate-files.ts";
import { type CertificateScanner } from "../../adapters/clients/tls/scan.ts";
import { endpointLabel, endpointOf } from "../../core/certificates/endpoint.ts";
import type { PlaceLook } from "../../core/certificates/place-look.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import type { CertificateMonitor } from "../../core/ports/certificate-monitor.ts";
import type { Clock } from "../../core/ports/runtime.ts";
import { monitorScanner } from "./endpoint-scanner.ts";

/**
 * Looks at endpoints, and at files of the repository (`readFile`, at the documents' commit) or of this host below
 * `paths` of the settings. Roots of `network.ca` are trusted beside those of this host.
 */
export function certificateMonitor(
  settings: SettingsSpec | undefined,
  readFile: (path: string) => Promise<Uint8Array | undefined>,
  warn: (message: string) => void,
  clock: Clock,
): CertificateMonitor {
  const files = new CertificateFiles(settings?.paths ?? [], readFile);
  let scanner: Promise<CertificateScanner> | undefined;
  const prepare = async (): Promise<CertificateScanner> => {
    const path = settings?.network?.ca;
    const bytes = path === undefined ? undefined : await readFile(path);
    if (path !== undefined && bytes === undefined) {
      warn(`certificates are judged without network.ca: ${path} is not in the repository`);
    }
    try {
      const roots = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
      return monitorScanner(settings, roots, clock);
    } catch {
      warn(`certificates are judged without network.ca: ${path} holds a certificate that cannot be read`);
      return monitorScanner(settings, undefined, clock);
    }
  };
  return {
    look: async ({ spec }, signal) => {
      scanner ??= prepare();
      const ready = await scanner;
      const endpoints = (spec.endpoints ?? []).map(endpointOf).map(
        async (endpoint): Promise<PlaceLook> => ({
          place: endpointLabel(endpoint),
          name: endpoint.serverName ?? endpoint.host,
          scans: await ready.scan(endpoint, signal),
        }),
      );
      const paths = (spec.certificateFiles ?? []).map(async (path): Promise<PlaceLook> => {
        const read = await files.read(path);
        const scans = "failure" in read ? [read] : [await ready.readPem(read.text, signal)];
        return { place: path, name: undefined, scans };
      });
      return Promise.all([...endpoints, ...paths]);
    },
  };
}
