import type { CsrProvider } from "../../../core/documents/provider.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { NoAnswer } from "../../clients/http/exchange.ts";
import { peerUrl } from "../../clients/signed-http/peer-url.ts";
import { signedExchange } from "../../clients/signed-http/signed-exchange.ts";

/** Where the certificate for a signing request comes from. */
export interface CertificateSource {
  /** For people: where a certificate has to be put, or who is asked for it. */
  readonly label: string;
  /** Its PEM text, or why there is none yet. Rejects where the place could not be asked. */
  read(request: string, signal: AbortSignal): Promise<{ readonly pem: string } | { readonly none: string }>;
  /** What lies there, whatever it is for; absent where only a request is answered. */
  readonly lies?: () => string | undefined;
}

/** A long chain of RSA-4096 certificates has a tenth of it. */
const LARGEST_ANSWER = 256 * 1024;

/** The file, or the signed service, that the document names. */
export function certificateSource(
  credential: string,
  { certificate, connection, names }: CsrProvider,
  ports: RotatorPorts,
): CertificateSource {
  if (certificate !== undefined) return fileSource(certificate, ports);
  if (connection === undefined) throw new Error("a csr provider without a source passed validation");
  return serviceSource(credential, connection, names, ports);
}

function fileSource(path: string, ports: RotatorPorts): CertificateSource {
  const lies = (): string | undefined => {
    try {
      return ports.readFile(path);
    } catch (error) {
      if (error instanceof CreError) return undefined;
      throw error;
    }
  };
  return {
    label: path,
    lies,
    read: async () => {
      const pem = lies();
      if (pem !== undefined) return { pem };
      return { none: `put the issued certificate and its chain (PEM) into ${path} by a pull request` };
    },
  };
}

function serviceSource(
  credential: string,
  name: string,
  names: readonly string[],
  ports: RotatorPorts,
): CertificateSource {
  const { webhook } = ports.connection(name);
  if (webhook === undefined) {
    throw new CreError("connection-kind", `${credential} asks ${name}, which is no webhook connection`, {
      fix: "name a connection with a webhook",
    });
  }
  const url = peerUrl("webhook", name, webhook.url);
  const label = `webhook ${name} (${url.origin})`;
  return {
    label,
    read: async (request, signal) => {
      const secret = await ports.secrets.read(webhook.key.secret);
      const ca = webhook.ca === undefined ? undefined : ports.readFile(webhook.ca);
      const body = JSON.stringify({ apiVersion: "cre/v1", phase: "sign", credential, names, request });
      const path = `${url.pathname}${url.search}`;
      const sent = { method: "POST", path, body, largestAnswer: LARGEST_ANSWER } as const;
      const { answer, untrusted } = await signedExchange(
        { url, ca, key: { id: webhook.key.id, secret } },
        sent,
        ports.clock,
        signal,
      ).catch((error: unknown) => {
        if (!(error instanceof NoAnswer)) throw error;
        throw unanswered(label, error.reason);
      });
      if (answer.status < 200 || answer.status > 299) throw unanswered(label, `status ${answer.status}`);
      if (untrusted !== undefined) throw unanswered(label, untrusted);
      const pem = certificateIn(answer.body, credential);
      if (pem === undefined) throw unanswered(label, "its answer does not speak of this credential");
      return pem === null ? { none: `${label} has no certificate for it yet` } : { pem };
    },
  };
}

/** The certificate in an answer; null: none yet; undefined: it is no answer to this question. */
function certificateIn(body: Buffer, credential: string): string | null | undefined {
  let said: unknown;
  try {
    said = JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null || !("credential" in said)) return undefined;
  if (said.credential !== credential || !("certificate" in said)) return undefined;
  const { certificate } = said;
  return certificate === null || typeof certificate === "string" ? certificate : undefined;
}

function unanswered(label: string, evidence: string): EffectError {
  return new EffectError("unknown", "certificate-unanswered", `${label} did not say whether it has signed`, {
    evidence,
    fix: "check that the service runs, that this runner reaches it, and that both have the same key",
  });
}
