import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAuthority } from "../certificates.ts";
import { freePort } from "../free-port.ts";
import { AcmeDesk } from "./acme-desk.ts";
import { AcmeProblem } from "./acme-problem.ts";
import type { AcmeService, AcmeServiceOptions } from "./acme-service.ts";
import type { Answer } from "./answer.ts";
import { createCertificateAuthority } from "./authority.ts";
import { readSigned } from "./signed-request.ts";

export interface StandInOptions extends AcmeServiceOptions {
  /** Milliseconds since 1970; default: this machine's. */
  readonly clock?: () => number;
  readonly termsOfService?: string;
  readonly caaIdentities?: readonly string[];
  /** An older kind of CA, without renewal information and profiles. */
  readonly isPlain?: boolean;
  /** Looks at an order before it is finished after it was handed in. */
  readonly working?: number;
}

/** A CA in this process, with what a test wants to know and to break. */
export interface AcmeStandIn extends AcmeService {
  readonly desk: AcmeDesk;
  /** Every request, as `POST newOrder`. */
  readonly requests: readonly string[];
  /** Answers in its place, as long as it answers something. */
  intercept(answer: ((what: string, path: string) => Answer | undefined) | undefined): void;
  /** A proxy answers the next so many requests of this kind in its place, once it has done what they ask for. */
  lose(what: string, times: number): void;
}

const NONCES_KEPT = 1000;

/**
 * An ACME server (RFC 8555) with external accounts, alternate chains, renewal information (RFC 9773) and profiles. It
 * checks nonces, URLs and signatures, fetches files over HTTP, looks up records in its own table, and never issues for
 * what was not proven.
 */
export async function startAcmeStandIn(options: StandInOptions = {}): Promise<AcmeStandIn> {
  const { clock = Date.now, badNonces = 0, isPlain = false } = options;
  const tls = createAuthority("stand-in of an ACME server");
  const authority = await createCertificateAuthority("Stand-in");
  const httpPort = await freePort();
  const records = new Map<string, readonly string[]>();
  const desk = new AcmeDesk({ ...options, authority, sight: { httpPort, records }, clock });
  const nonces: string[] = [];
  const requests: string[] = [];
  const lost = new Map<string, number>();
  let intercept: ((what: string, path: string) => Answer | undefined) | undefined;

  const nonce = (): string => {
    const made = randomBytes(12).toString("base64url");
    nonces.push(made);
    if (nonces.length > NONCES_KEPT) nonces.shift();
    return made;
  };
  const spend = (given: string | undefined): void => {
    const at = given === undefined ? -1 : nonces.indexOf(given);
    if (at >= 0) nonces.splice(at, 1);
    if (at < 0 || Math.random() * 100 < badNonces) {
      throw new AcmeProblem(400, "badNonce", "the nonce is not good");
    }
  };
  const answerTo = async (request: IncomingMessage, body: string): Promise<Answer> => {
    const base = `https://${request.headers.host}`;
    const path = (request.url ?? "/").replace(/\?.*/, "");
    const what = AcmeDesk.labelOf(path);
    requests.push(`${request.method} ${what}`);
    const other = intercept?.(what, path);
    if (other !== undefined) return other;
    if (request.method === "POST") {
      const signed = readSigned(body);
      if (signed.protected.url !== `${base}${path}`) {
        throw new AcmeProblem(400, "malformed", "the url is another one");
      }
      spend(signed.protected.nonce);
      const answer = await desk.post(base, path, signed);
      const left = lost.get(what) ?? 0;
      lost.set(what, left - 1);
      return left > 0 ? { status: 502, type: "text/html", body: "<html>" } : answer;
    }
    return desk.get(base, path);
  };
  const server = createServer(tlsOptions(tls), (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      answerTo(request, Buffer.concat(chunks).toString())
        .catch((error: unknown) => refused(error))
        .then((answer) => send(response, answer, nonce()))
        .catch(() => response.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    name: "stand-in",
    directory: `https://127.0.0.1:${port}/dir`,
    ca: tls.ca,
    httpPort,
    alternateRoot: "Stand-in Root 2",
    profiles: isPlain ? [] : ["classic", "shortlived"],
    hasRenewalInfo: !isPlain,
    desk,
    requests,
    intercept: (next) => {
      intercept = next;
    },
    lose: (what, times) => void lost.set(what, times),
    setRecord: async (name, values) =>
      void (values.length === 0 ? records.delete(name) : records.set(name, values)),
    revocationOf: async (serial) =>
      desk.certificates.find((one) => one.serial.replace(/^0+/, "") === serial.replace(/^0+/, ""))?.revoked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function tlsOptions(tls: ReturnType<typeof createAuthority>) {
  const { key, certificate } = tls.issue(["localhost", "127.0.0.1"]);
  return { key, cert: certificate };
}

function refused(error: unknown): Answer {
  if (!(error instanceof AcmeProblem)) {
    return {
      status: 500,
      type: "application/problem+json",
      body: JSON.stringify({ type: "urn:ietf:params:acme:error:serverInternal", detail: String(error) }),
    };
  }
  return {
    status: error.status,
    type: "application/problem+json",
    headers: error.headers,
    body: JSON.stringify(error.document()),
  };
}

function send(response: ServerResponse, answer: Answer, nonce: string): void {
  response.writeHead(answer.status, {
    ...(answer.type === undefined ? {} : { "Content-Type": answer.type }),
    "Replay-Nonce": nonce,
    "Cache-Control": "no-store",
    ...answer.headers,
  });
  response.end(answer.body ?? "");
}
