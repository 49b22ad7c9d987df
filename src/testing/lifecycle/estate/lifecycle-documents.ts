import type { Instant } from "../../../core/model/instant.ts";
import type { LifecycleServices } from "../services/lifecycle-services.ts";
import { AGES } from "./first-versions.ts";
import * as is from "./names.ts";

/** What the documents say of places that are another at every start. */
export interface Places {
  readonly services: LifecycleServices;
  readonly github: string;
  /** A command that changes the zone of the domain. */
  readonly zone: readonly string[];
  /** The instant so many days from the beginning of the story. */
  readonly at: (days: number) => string;
}

/** The documents that the security team has reviewed before the story begins. */
export function platformDocuments({ services, github, zone }: Places): Readonly<Record<string, string>> {
  const { postgresql, aws, acme, ssh, keycloak, mail, consumer } = services;
  const settings = `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  teams: { shop: { mail: shop@example.com, github: bob } }
  limits: { perService: 5 }
  channels:
    mail: { smtp: { host: ${mail.host}, port: ${mail.port}, tls: none, from: cre@example.com } }
    security: { smtp: { host: ${mail.host}, port: ${mail.port}, tls: none, from: cre@example.com, to: [security@example.com] } }
  routes: [{ to: [owner, security] }]
  schedule: { every: 2d }
  commands: { zone: ${JSON.stringify(zone)} }
  network: { scan: ["${consumer.endpoint}"] }
  forge: { kind: github, url: "${github}" }
`;
  return {
    "certs/acme.pem": acme.ca,
    "policies/platform.yaml": [
      settings,
      policy("api-keys", "api-key", "rotateWithin: 90d"),
      policy("database-passwords", "database-password", "rotateWithin: 60d"),
      policy("ssh-keys", "ssh-key", "rotateWithin: 180d"),
      policy("oauth-client-secrets", "oauth-client-secret", "rotateWithin: 120d"),
      policy("tls-certificates", "tls-certificate", "renew: { beforeExpiry: 30d }"),
      connection(
        "database",
        `postgresql: { host: ${postgresql.host}, port: ${postgresql.port}, tls: { mode: disable }, admin: { user: ${is.ADMIN_ROLE}, password: { env: PG_ADMIN } } }`,
        "orders_*",
      ),
      connection(
        "aws",
        `aws: { region: ${aws.region}, endpoint: "${aws.endpoint}" }`,
        is.IAM_USER,
        "legacy-*",
      ),
      connection(
        "acme",
        `acme: { directory: "${acme.directory}", accountKey: { env: ACME_KEY }, ca: certs/acme.pem, termsOfServiceAgreed: true }`,
        "*.example.test",
      ),
      connection(
        "web-1",
        `ssh: { host: ${ssh.host}, port: ${ssh.port}, hostKey: "${ssh.hostKey}", user: ${ssh.user}, key: { env: SSH_KEY } }`,
        ssh.user,
      ),
      connection(
        "sso",
        `keycloak: { url: "${keycloak.url}", realm: ${is.REALM}, clientId: cre-runner, secret: { env: KEYCLOAK_SECRET } }`,
        is.CLIENT,
      ),
      connection("hook", `webhook: { url: "${consumer.hook}", key: { id: k1, secret: { env: HOOK_KEY } } }`),
    ].join("---\n"),
  };
}

function connection(name: string, spec: string, ...objects: readonly string[]): string {
  return `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name} }
spec:
  ${spec}
  allow: { services: [orders-api]${objects.length === 0 ? "" : `, objects: ${JSON.stringify(objects)}`} }
`;
}

function policy(name: string, type: string, rule: string): string {
  return `apiVersion: cre/v1
kind: Policy
metadata: { name: ${name} }
spec:
  match: { types: [${type}] }
  ${rule}
  enforcement: rotate
  gracePeriod: 24h
  quietPeriod: 2d
  soakPeriod: 2d
`;
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly provider: string;
  /** Days since it was made. */
  readonly age: number;
  readonly triesPending?: true;
  readonly more?: string;
}

/** Of the key that people rotate by hand, in days: its policy says 90. */
export const VENDOR_AGE = 85;

/** What Alice registers: the five credentials of a service, and a key that a vendor's console makes. */
export function registryDocuments({ services, at }: Places): string {
  const { ssh, consumer } = services;
  const entries: readonly Entry[] = [
    {
      name: is.DATABASE,
      type: "database-password",
      provider: `postgresql: { connection: database, database: ${is.DATABASE_NAME}, roles: [${is.ROLES.join(", ")}], ownerRole: ${is.OWNER_ROLE} }`,
      age: AGES.database,
      triesPending: true,
    },
    {
      name: is.KEY,
      type: "api-key",
      provider: `aws-iam: { connection: aws, user: ${is.IAM_USER} }`,
      age: AGES.key,
    },
    {
      name: is.CERTIFICATE,
      type: "tls-certificate",
      provider: `acme: { connection: acme, names: [${is.DOMAIN}], challenge: { dns-01: { command: zone } } }`,
      age: AGES.certificate,
      more: `  endpoints: [{ host: ${consumer.endpoint.replace(":", ", port: ")}, serverName: ${is.DOMAIN} }]\n`,
    },
    {
      name: is.SSH,
      type: "ssh-key",
      provider: `authorized-keys: { hosts: [web-1], user: ${ssh.user}, authLog: ${ssh.authLog} }`,
      age: AGES.ssh,
    },
    {
      name: is.OAUTH,
      type: "oauth-client-secret",
      provider: `keycloak-client: { connection: sso, realm: ${is.REALM}, clientId: ${is.CLIENT} }`,
      age: AGES.oauth,
    },
  ];
  const vendor = vendorKey(at(-VENDOR_AGE), at(-200));
  return [...entries.map((entry) => automated(entry, at(-entry.age))), vendor].join("---\n");
}

function automated(entry: Entry, createdAt: string): string {
  const { name, type, provider, triesPending, more = "" } = entry;
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: ${type}
  service: orders-api
  owner: { team: shop, contact: shop@example.com }
  createdAt: ${createdAt}
  method: automated
  provider:
    ${provider}
  deliver:
    - webhook: { connection: hook${triesPending === true ? ", triesPending: true" : ""} }
      consumer: orders-api
${more}  access:
    - { principal: orders-api, kind: service, purpose: sells things }
`;
}

/** The same text with another date is what a rotation by hand leaves behind. */
function vendorKey(rotatedAt: string, createdAt: string): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${is.VENDOR} }
spec:
  type: api-key
  service: orders-api
  owner: { team: shop, contact: shop@example.com }
  createdAt: ${createdAt}
  rotatedAt: ${rotatedAt}
  method: manual
  manual: { console: "https://vendor.example.com/keys", oldLives: 7d }
  access:
    - { principal: orders-api, kind: service, purpose: asks the vendor for prices }
`;
}

/** An exception for the vendor's key, which ends by itself. */
export function vendorException(startsAt: Instant | string, expiresAt: Instant | string): string {
  return `apiVersion: cre/v1
kind: Exception
metadata: { name: vendor-console-moves }
spec:
  credentials: [${is.VENDOR}]
  policy: api-keys
  justification: The vendor moves its console this week, and no key can be made there until then.
  requestedBy: alice
  startsAt: ${startsAt}
  expiresAt: ${expiresAt}
`;
}
