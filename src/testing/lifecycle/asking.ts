import type { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { IAM } from "@aws-sdk/client-iam";
import { readAuthorizedKeys } from "../../core/authorized-keys/file.ts";
import { fingerprint } from "../services/ssh/host-ground.ts";
import type { ConsumerWorld, LoginKind, Parts } from "./consumer/consumer-world.ts";
import { signIn } from "./consumer/sign-in.ts";
import * as is from "./estate/names.ts";
import { check, type Scene } from "./scene.ts";
import type { LifecycleServices } from "./services/lifecycle-services.ts";

/** How one signs in with each credential; the certificate is served instead. */
export const KINDS: Readonly<Record<string, LoginKind>> = {
  [is.DATABASE]: "postgresql",
  [is.KEY]: "aws",
  [is.LEGACY_USER]: "aws",
  [is.SSH]: "ssh",
  [is.OAUTH]: "oauth",
};

/** Where the services are, as this process sees them. */
export function worldOf({ postgresql, aws, ssh, keycloak }: LifecycleServices): ConsumerWorld {
  const { host, port, hostKey, user } = ssh;
  return {
    postgresql: { host: postgresql.host, port: postgresql.port, database: is.DATABASE_NAME },
    aws: { endpoint: aws.endpoint, region: aws.region },
    ssh: { host, port, hostKey, user },
    oauth: { url: `${keycloak.url}/realms/${is.REALM}/protocol/openid-connect/token` },
  };
}

const PLACES: Readonly<Record<LoginKind, string>> = {
  postgresql: "PostgreSQL",
  aws: "AWS STS",
  ssh: "the host web-1",
  oauth: "the OAuth server",
};

/** Signs in at the real service with a version, and tells the question and the answer. */
export async function askToSignIn(
  scene: Scene,
  credential: string,
  parts: Parts,
  { which, accepted }: { readonly which: string; readonly accepted: boolean },
): Promise<void> {
  const kind = KINDS[credential];
  if (kind === undefined) throw new Error(`nobody signs in with ${credential}`);
  const answer = await signIn(kind, parts, worldOf(scene.services));
  const verdict = answer.accepted ? "accepted" : "refused";
  check(
    scene,
    answer.accepted === accepted,
    `asked ${PLACES[kind]}: a login with ${which} of ${credential} → ${verdict} (${answer.words})`,
  );
}

/** What the provider itself shows of a credential: the public handles, and whether each can log in. */
export async function versionsOf(scene: Scene, credential: string): Promise<string> {
  const versions = SIGHT[credential];
  return versions === undefined ? "" : versions(scene);
}

const SIGHT: Readonly<Record<string, (scene: Scene) => Promise<string>>> = {
  [is.DATABASE]: async ({ services }) => {
    const rows = await services.postgresql.admin(
      `SELECT rolname, rolcanlogin, rolpassword IS NULL AS empty FROM pg_authid WHERE rolname IN ('${is.ROLES.join("', '")}') ORDER BY 1`,
    );
    return rows
      .map(({ rolname, rolcanlogin, empty }) => {
        const may = rolcanlogin === true ? "LOGIN" : "NOLOGIN";
        return `${String(rolname)} ${may}${empty === true ? ", no password" : ""}`;
      })
      .join("; ");
  },
  [is.KEY]: async ({ services: { aws } }) => {
    const iam = new IAM({ endpoint: aws.endpoint, region: aws.region, credentials: aws.admin });
    const { AccessKeyMetadata: keys = [] } = await iam.listAccessKeys({ UserName: is.IAM_USER });
    iam.destroy();
    return keys.map(({ AccessKeyId, Status }) => `${AccessKeyId} ${Status}`).join("; ");
  },
  [is.SSH]: async ({ services: { ssh } }) => {
    const { keys } = readAuthorizedKeys((await ssh.lines()).join("\n"));
    return keys.map(({ key, active }) => `${shortFingerprint(key)}${active ? "" : " (closed)"}`).join("; ");
  },
  [is.OAUTH]: async ({ first: { realm } }) => {
    const { body } = await realm.admin("GET", `/clients?clientId=${is.CLIENT}`);
    // `as`: the representation of a client that is there.
    const [client] = body as [{ attributes: Record<string, string> }];
    return client.attributes["client.secret.rotated"] === undefined
      ? "one secret"
      : "a current and a rotated secret";
  },
  [is.CERTIFICATE]: async ({ services }) => {
    const served = await servedBy(services.consumer.endpoint);
    const issuer = /CN=(.*)/.exec(served.issuer)?.[1] ?? "";
    return `serial ${served.serialNumber.slice(0, 12)}… by ${issuer}, until ${served.validToDate.toISOString().slice(0, 10)}`;
  },
};

function shortFingerprint(key: string): string {
  return `${fingerprint(Buffer.from(key, "base64")).slice(0, 17)}…`;
}

/** The certificate that an endpoint serves; who vouches for it does not matter here. */
async function servedBy(endpoint: string): Promise<X509Certificate> {
  const [host = "", port] = endpoint.split(":");
  return new Promise((done, failed) => {
    const socket = connect(
      { host, port: Number(port), servername: is.DOMAIN, rejectUnauthorized: false },
      () => {
        const certificate = socket.getPeerX509Certificate();
        socket.destroy();
        if (certificate === undefined) failed(new Error(`${endpoint} serves no certificate`));
        else done(certificate);
      },
    );
    socket.once("error", failed);
  });
}

/** Tells for each credential what its provider shows. */
export async function tellVersions(scene: Scene, credentials: readonly string[]): Promise<void> {
  for (const credential of credentials) {
    scene.tell.say(`asked the provider of ${credential}: ${await versionsOf(scene, credential)}`);
  }
}
