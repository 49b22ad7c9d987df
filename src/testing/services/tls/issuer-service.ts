import { createHash, sign } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { membersOf, readDer, writeDer } from "../../../adapters/clients/tls/der.ts";
import { algorithmOf, type Forged, oid, serialOf } from "./certificate-forge.ts";

/** What a certificate authority tells the world over http: its own certificates, OCSP, and a list of what it revoked. */
export interface IssuerService {
  readonly url: string;
  /** By path: who answers for which authority. */
  readonly answers: Map<string, Answerer>;
  /** By path; given as they are. */
  readonly files: Map<string, Buffer>;
  /** Certificates that are revoked, with their reason. */
  readonly revoked: Map<Forged, number>;
  /** Paths asked for, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface Answerer {
  readonly authority: Forged;
  /** Whose certificate comes with the answer; absent: the authority answers itself. */
  readonly responder?: Forged;
  /** Who signs in truth; absent: whoever should. */
  readonly signer?: Forged;
  /** When the next answer is due (GeneralizedTime); absent: it does not say. */
  readonly nextUpdate?: string;
}

const REVOKED_AT = "20260101000000Z";

export async function startIssuerService(): Promise<IssuerService> {
  const answers: IssuerService["answers"] = new Map();
  const files = new Map<string, Buffer>();
  const revoked = new Map<Forged, number>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    void bodyOf(request).then((body) => {
      const signer = answers.get(path);
      const bytes = signer === undefined ? files.get(path) : ocspAnswer(body, signer, revoked);
      response.statusCode = bytes === undefined ? 404 : 200;
      response.end(bytes);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    files,
    revoked,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The answer to a request, or one for the certificate of a stapled answer. */
function ocspAnswer(
  request: Buffer,
  { authority, responder, signer, nextUpdate }: Answerer,
  revoked: ReadonlyMap<Forged, number>,
): Buffer {
  let id = readDer(request);
  for (let depth = 0; depth < 4; depth += 1) id = membersOf(id)[0] as typeof id;
  const serial = membersOf(id)[3]?.raw;
  const entry = [...revoked].find(([one]) => serial?.equals(serialOf(one)));
  return ocspResponse(id.raw, entry?.[1], signer ?? responder ?? authority, responder, nextUpdate);
}

/** `reason` undefined: good. */
function ocspResponse(
  id: Buffer,
  reason: number | undefined,
  signer: Forged,
  brought: Forged | undefined,
  nextUpdate?: string,
): Buffer {
  const time = generalizedTime(REVOKED_AT);
  const status =
    reason === undefined
      ? writeDer(0x80)
      : writeDer(0xa1, time, writeDer(0xa0, writeDer(0x0a, Buffer.from([reason]))));
  const next = nextUpdate === undefined ? [] : [writeDer(0xa0, generalizedTime(nextUpdate))];
  const responses = writeDer(0x30, writeDer(0x30, id, status, time, ...next));
  const by = writeDer(0xa2, writeDer(0x04, createHash("sha1").update(signer.der).digest()));
  const data = writeDer(0x30, by, time, responses);
  const { algorithm, hash } = algorithmOf(signer.privateKey, "sha256");
  const signature = writeDer(0x03, Buffer.from([0]), sign(hash, data, signer.privateKey));
  const more = brought === undefined ? [] : [writeDer(0xa0, writeDer(0x30, brought.der))];
  const basic = writeDer(0x30, data, algorithm, signature, ...more);
  const wrapped = writeDer(0x30, oid("1.3.6.1.5.5.7.48.1.1"), writeDer(0x04, basic));
  return writeDer(0x30, writeDer(0x0a, Buffer.from([0])), writeDer(0xa0, wrapped));
}

/** An answer about one certificate, as a server staples it. */
export function stapledAnswer(
  certificate: Forged,
  authority: Forged,
  reason: number | undefined,
  nextUpdate?: string,
): Buffer {
  const spki = membersOf(membersOf(readDer(authority.der))[0] as ReturnType<typeof readDer>)[6];
  const bits = membersOf(spki as ReturnType<typeof readDer>)[1]?.content.subarray(1) ?? Buffer.alloc(0);
  const algorithm = writeDer(0x30, oid("1.3.14.3.2.26"), writeDer(0x05));
  const id = writeDer(0x30, algorithm, sha1Octets(authority.name), sha1Octets(bits), serialOf(certificate));
  return ocspResponse(id, reason, authority, undefined, nextUpdate);
}

function generalizedTime(text: string): Buffer {
  return writeDer(0x18, Buffer.from(text, "ascii"));
}

function sha1Octets(bytes: Buffer): Buffer {
  return writeDer(0x04, createHash("sha1").update(bytes).digest());
}

/** A list of revoked certificates, signed by this authority. */
export function revocationList(
  authority: Forged,
  revoked: ReadonlyMap<Forged, number>,
  nextUpdate?: string,
): Buffer {
  const time = generalizedTime(REVOKED_AT);
  const { algorithm, hash } = algorithmOf(authority.privateKey, "sha256");
  const entries = [...revoked].map(([one, reason]) => {
    const code = writeDer(0x30, oid("2.5.29.21"), writeDer(0x04, writeDer(0x0a, Buffer.from([reason]))));
    return writeDer(0x30, serialOf(one), time, writeDer(0x30, code));
  });
  const version = writeDer(0x02, Buffer.from([1]));
  const list = entries.length === 0 ? [] : [writeDer(0x30, ...entries)];
  const next = nextUpdate === undefined ? [] : [generalizedTime(nextUpdate)];
  const body = writeDer(0x30, version, algorithm, authority.name, time, ...next, ...list);
  return writeDer(
    0x30,
    body,
    algorithm,
    writeDer(0x03, Buffer.from([0]), sign(hash, body, authority.privateKey)),
  );
}
