import { generateKeyPairSync, randomBytes } from "node:crypto";
import { IAM } from "@aws-sdk/client-iam";
import { createAuthority } from "../../services/certificates.ts";
import type { KeycloakRealm } from "../../services/keycloak/keycloak-server.ts";
import { fingerprint } from "../../services/ssh/host-ground.ts";
import { testKey } from "../../services/ssh/ssh-host.ts";
import type { Parts } from "../consumer/consumer-world.ts";
import type { LifecycleServices } from "../services/lifecycle-services.ts";
import type { StoryClock } from "../story-clock.ts";
import * as is from "./names.ts";

const DAY = 86_400;
/** How old the first versions are, in days, and for how many the certificate is valid still. */
export const AGES = { database: 55, key: 85, ssh: 170, oauth: 110, certificate: 55, legacy: 300 };
const CERTIFICATE_LEFT = 35;

/** What somebody made by hand at each provider, long before there was a rotation. */
export interface FirstVersions {
  readonly parts: Readonly<Record<string, Parts>>;
  readonly handles: Readonly<Record<string, string>>;
  readonly realm: KeycloakRealm;
  /** What the runner signs in with, by variable. */
  readonly runner: Readonly<Record<string, string>>;
}

/** Makes them, each on the clock of its own past, and the runner's own logins. */
export async function makeFirstVersions(
  services: LifecycleServices,
  clock: StoryClock,
): Promise<FirstVersions> {
  const adminPassword = randomBytes(16).toString("hex");
  const database = await makeRoles(services, adminPassword);
  const key = await onClock(clock, AGES.key, async () => makeAccessKey(services, is.IAM_USER));
  const legacy = await onClock(clock, AGES.legacy, async () => makeAccessKey(services, is.LEGACY_USER));
  const { realm, ...oauth } = await onClock(clock, AGES.oauth, async () => makeClient(services, clock));
  const certificate = makeCertificate();
  const ssh = testKey("deploy");
  await services.ssh.authorize(`${ssh.publicLine} deploy`);
  const account = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  return {
    parts: {
      [is.DATABASE]: database,
      [is.KEY]: key,
      [is.CERTIFICATE]: certificate,
      [is.SSH]: { privateKey: ssh.privateKey.reveal(), publicKey: ssh.publicLine },
      [is.OAUTH]: oauth.parts,
      [is.LEGACY_USER]: legacy,
    },
    handles: {
      [is.DATABASE]: is.ROLES[0],
      [is.KEY]: key["accessKeyId"] ?? "",
      [is.SSH]: fingerprint(Buffer.from(ssh.publicLine.split(" ")[1] ?? "", "base64")),
    },
    realm,
    runner: {
      PG_ADMIN: adminPassword,
      AWS_ACCESS_KEY_ID: services.aws.admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: services.aws.admin.secretAccessKey,
      SSH_KEY: services.ssh.login.trimEnd(),
      KEYCLOAK_SECRET: realm.runner.secret,
      ACME_KEY: String(account.export({ type: "pkcs8", format: "pem" })),
      HOOK_KEY: randomBytes(24).toString("hex"),
    },
  };
}

async function onClock<T>(clock: StoryClock, days: number, make: () => Promise<T>): Promise<T> {
  await clock.move(-days * DAY);
  try {
    return await make();
  } finally {
    await clock.move(0);
  }
}

/** Roles as the page on PostgreSQL wants them: an owner, two that log in, an admin that is no superuser. */
async function makeRoles({ postgresql }: LifecycleServices, adminPassword: string): Promise<Parts> {
  const [a, b] = is.ROLES;
  const password = randomBytes(12).toString("hex");
  // Of an earlier story on the same server.
  await postgresql.admin(`DROP DATABASE IF EXISTS ${is.DATABASE_NAME}`);
  const known = await postgresql.admin(`SELECT 1 FROM pg_roles WHERE rolname = '${is.ADMIN_ROLE}'`);
  if (known.length > 0) await postgresql.admin(`DROP OWNED BY ${is.ADMIN_ROLE}`);
  await postgresql.admin(`DROP ROLE IF EXISTS ${[a, b, is.OWNER_ROLE, is.ADMIN_ROLE].join(", ")}`);
  await postgresql.admin(
    [
      `CREATE ROLE ${is.OWNER_ROLE} NOLOGIN`,
      `CREATE ROLE ${a} LOGIN PASSWORD '${password}'`,
      `CREATE ROLE ${b} NOLOGIN`,
      `GRANT ${is.OWNER_ROLE} TO ${a}, ${b}`,
      `ALTER ROLE ${a} SET role = '${is.OWNER_ROLE}'`,
      `ALTER ROLE ${b} SET role = '${is.OWNER_ROLE}'`,
      `CREATE ROLE ${is.ADMIN_ROLE} LOGIN CREATEROLE PASSWORD '${adminPassword}'`,
      `GRANT pg_read_all_stats, pg_signal_backend TO ${is.ADMIN_ROLE}`,
      `GRANT SET ON PARAMETER ${SILENCED.join(", ")} TO ${is.ADMIN_ROLE}`,
      `GRANT ${a}, ${b} TO ${is.ADMIN_ROLE} WITH ADMIN OPTION`,
    ].join("; "),
  );
  await postgresql.admin(`CREATE DATABASE ${is.DATABASE_NAME} OWNER ${is.OWNER_ROLE}`);
  // From now on every statement stands in the server's log, which is searched for secrets at the end.
  await postgresql.admin("ALTER SYSTEM SET log_statement = 'all'");
  await postgresql.admin("SELECT pg_reload_conf()");
  return { username: a, password };
}

/** What the admin may switch off for its own statements, so that no verifier stands in the server's log. */
const SILENCED = [
  "log_statement",
  "log_min_error_statement",
  "log_min_duration_statement",
  "log_min_duration_sample",
  "log_transaction_sample_rate",
  "track_activities",
];

async function makeAccessKey({ aws }: LifecycleServices, UserName: string): Promise<Parts> {
  const iam = new IAM({ endpoint: aws.endpoint, region: aws.region, credentials: aws.admin });
  await iam.createUser({ UserName });
  await iam.tagUser({ UserName, Tags: [{ Key: "team", Value: "shop" }] });
  const { AccessKey: key } = await iam.createAccessKey({ UserName });
  iam.destroy();
  return { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
}

/** A real Keycloak has no clock that could be moved: the age of its secret is an attribute of the client. */
async function makeClient(
  { keycloak }: LifecycleServices,
  clock: StoryClock,
): Promise<{ readonly realm: KeycloakRealm; readonly parts: Parts }> {
  const realm = await keycloak.addRealm(is.REALM);
  await realm.policy({ expiration: 365 * DAY, rotatedExpiration: 60 * DAY });
  await realm.admin("POST", "/clients", {
    clientId: is.CLIENT,
    publicClient: false,
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
  });
  const { body } = await realm.admin("GET", `/clients?clientId=${is.CLIENT}`);
  // `as`: the representation of a client that is there.
  const [client] = body as [{ id: string; secret: string; attributes: Record<string, string> }];
  const made = String(Math.floor(clock.now() / 1000));
  await realm.admin("PUT", `/clients/${client.id}`, {
    ...client,
    attributes: { ...client.attributes, "client.secret.creation.time": made },
  });
  return { realm, parts: { clientId: is.CLIENT, clientSecret: client.secret } };
}

function makeCertificate(): Parts {
  const day = DAY * 1000;
  const { key, certificate } = createAuthority("the CA of before").issue([is.DOMAIN], {
    notBefore: new Date(Date.now() - AGES.certificate * day),
    notAfter: new Date(Date.now() + CERTIFICATE_LEFT * day),
  });
  return { privateKey: key, fullchain: certificate };
}
