import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ACM } from "@aws-sdk/client-acm";
import type { Backend, Mark } from "../../../../examples/external-rotator/contract.ts";
import { createRotatorServer } from "../../../../examples/external-rotator/server.ts";
import { fingerprintIn } from "../../../adapters/deliveries/aws-acm/key-pair.ts";
import { type AwsStandIn, startAwsStandIn } from "../../services/aws/aws-service.ts";
import { createAuthority, type TestCertificate } from "../../services/certificates.ts";
import type { Settle } from "../estate.ts";
import type { AnyTenant } from "../tenant.ts";

const LOGIN = { accessKeyId: "AKIATENANTS000000000", secretAccessKey: "the-same-for-all-of-the-suite" };
const KEY = "a-key-for-the-authority-of-the-suite";
/** How old the first certificate is, in milliseconds: due. */
const OLD = 90 * 86_400_000;

interface Version {
  readonly handle: string;
  readonly slot: string;
  readonly createdAt: string;
  readonly pair: TestCertificate;
  mark: Mark | null;
}

/** A certificate of a team's own CA, reached by the external contract, that a load balancer takes from ACM. */
export interface AcmTenant extends AnyTenant {
  readonly aws: AwsStandIn;
  /** Handles of the certificates that are not revoked, oldest first. */
  handles(): readonly string[];
  /** How many were ever made. */
  made(): number;
  /** Handle of what the load balancer serves. The stand-in takes no pair that does not match. */
  served(): Promise<string | undefined>;
}

export function settleAcm(name: string): Settle<AcmTenant> {
  return async ({ clock, readStatus }) => {
    const time = { ago: OLD };
    const now = (): number => clock() - time.ago;
    const versions: Version[] = [];
    let made = 0;
    const authority = createAuthority();
    const create = (slot: string, mark: Mark | null): Version => {
      const pair = authority.issue([`${name}.example.com`], { notBefore: new Date(now()) });
      const handle = handleOf(pair.certificate);
      const createdAt = `${new Date(now()).toISOString().slice(0, 19)}Z`;
      const version = { handle, slot, createdAt, pair, mark };
      versions.push(version);
      made += 1;
      return version;
    };
    const first = create("1", null);
    time.ago = 0;
    const backend = backendOf(versions, authority.ca, create);
    const keys = new Map([["k1", KEY]]);
    const server = createServer(createRotatorServer({ keys, backend, clock })).listen(0, "127.0.0.1");
    await once(server, "listening");
    // `as`: a server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;

    const aws = await startAwsStandIn({ clock: () => new Date(clock()), admin: LOGIN });
    const people = new ACM({ endpoint: aws.endpoint, region: aws.region, credentials: { ...LOGIN } });
    const { CertificateArn: arn = "" } = await people.importCertificate({
      Certificate: Buffer.from(first.pair.certificate),
      PrivateKey: Buffer.from(first.pair.key),
      CertificateChain: Buffer.from(authority.ca),
    });
    const service = `${name}-web`;
    return {
      tenant: {
        plan: { name },
        aws,
        handles: () => versions.map(({ handle }) => handle),
        made: () => made,
        served: async () => {
          const { Certificate: pem } = await people.getCertificate({ CertificateArn: arn });
          return pem === undefined ? undefined : handleOf(pem);
        },
        status: () => readStatus(service, name),
        consumer: {
          tally: { logins: 0, failures: 0, longestGap: 0, lastError: undefined },
          stop: async () => {
            people.destroy();
            await aws.close();
            server.closeAllConnections();
            await new Promise((done) => server.close(done));
          },
        },
      },
      registry: registryOf(name, service, arn),
      platform: platformOf(name, { arn, rotator: `http://127.0.0.1:${port}/rotate`, aws }),
      secrets: {
        ROTATOR_KEY: KEY,
        AWS_ACCESS_KEY_ID: LOGIN.accessKeyId,
        AWS_SECRET_ACCESS_KEY: LOGIN.secretAccessKey,
      },
      folder: undefined,
    };
  };
}

/** A CA that knows whether a certificate is in use anywhere, and cannot suspend one. */
function backendOf(
  versions: Version[],
  chain: string,
  create: (slot: string, mark: Mark) => Version,
): Backend {
  return {
    parts: ["privateKey", "certificate", "chain"],
    publicParts: ["certificate", "chain"],
    slots: 2,
    versions: async () =>
      versions.map(({ handle, slot, createdAt, mark }) => {
        return { handle, slot, live: true, reactivatable: false, createdAt, mark };
      }),
    create: async (_, slot, mark) => {
      const { handle, createdAt, pair } = create(slot, mark);
      return { handle, createdAt, parts: { privateKey: pair.key, certificate: pair.certificate, chain } };
    },
    setMark: async (_, handle, mark) => {
      const found = versions.find((version) => version.handle === handle);
      if (found !== undefined) found.mark = mark;
    },
    remove: async (_, handle) => {
      versions.splice(0, Infinity, ...versions.filter((version) => version.handle !== handle));
    },
    accepts: async (_, handle, { privateKey = "" }) =>
      versions.some((version) => version.handle === handle && version.pair.key === privateKey),
    lastUse: async () => ({ known: true, at: null, sampled: false }),
  };
}

function handleOf(pem: string): string {
  return `SHA256:${fingerprintIn(pem) ?? ""}`;
}

function registryOf(name: string, service: string, arn: string): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: tls-certificate
  service: ${service}
  owner: { team: web, contact: web@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    external: { connection: ${name}-authority, object: ${name} }
  deliver:
    - aws-acm: { connection: ${name}-aws, certificateArn: "${arn}" }
      consumer: ${service}
  access:
    - { principal: ${service}, kind: service, purpose: serves the shop }
`;
}

function platformOf(
  name: string,
  { arn, rotator, aws }: { readonly arn: string; readonly rotator: string; readonly aws: AwsStandIn },
): string {
  const { endpoint, region } = aws;
  const way = (called: string, spec: string, object: string): string => `apiVersion: cre/v1
kind: Connection
metadata: { name: ${called} }
spec:
  ${spec}
  allow: { names: [${name}], objects: ["${object}"] }
`;
  return [
    way(
      `${name}-authority`,
      `external: { url: "${rotator}", key: { id: k1, secret: { env: ROTATOR_KEY } } }`,
      name,
    ),
    way(`${name}-aws`, `aws: { region: ${region}, endpoint: "${endpoint}" }`, arn),
    `apiVersion: cre/v1
kind: Policy
metadata: { name: ${name}-policy }
spec:
  match: { names: [${name}] }
  rotateWithin: 60d
  enforcement: rotate
`,
  ].join("---\n");
}
