import { type Static, Type } from "typebox";
import {
  closed,
  closedUnion,
  duration,
  exactlyOne,
  GUID_PATTERN,
  list,
  Name,
  oneOf,
  text,
} from "./common.ts";

/** Which credential types each provider key serves; `external` serves any. */
export const PROVIDER_TYPES = {
  "aws-iam": ["api-key"],
  postgresql: ["database-password"],
  acme: ["tls-certificate"],
  csr: ["tls-certificate"],
  "authorized-keys": ["ssh-key"],
  "entra-application": ["oauth-client-secret"],
  "keycloak-client": ["oauth-client-secret"],
  external: ["api-key", "database-password", "tls-certificate", "ssh-key", "oauth-client-secret"],
} as const;
export type ProviderKey = keyof typeof PROVIDER_TYPES;
const PROVIDER_KEYS = Object.keys(PROVIDER_TYPES);

/** The parts that each provider publishes for `values`; undefined: the rotator decides. */
export const PROVIDER_PARTS: Readonly<Record<ProviderKey, readonly string[] | undefined>> = {
  "aws-iam": ["accessKeyId", "secretAccessKey"],
  postgresql: ["username", "password", "host", "port", "database", "url"],
  acme: ["privateKey", "certificate", "chain", "fullchain"],
  csr: ["privateKey", "certificate", "chain", "fullchain"],
  "authorized-keys": ["privateKey", "publicKey"],
  "entra-application": ["clientId", "clientSecret"],
  "keycloak-client": ["clientId", "clientSecret"],
  external: undefined,
};

/** Parts of certificates and SSH keys that are PEM texts, and so have many lines. */
export const PEM_PARTS: readonly string[] = ["privateKey", "certificate", "chain", "fullchain"];

const connection = Name;
const ObjectName = text("Name of an object at the provider.", 128);

/** Parameters of the `postgresql` rotator. */
export const PostgresqlProvider = closed({
  connection,
  database: text("Database that the consumers log in to.", 63),
  roles: list(Type.String({ minLength: 1, maxLength: 63 }), "Two roles: alternating users. One: in place.", {
    minItems: 1,
    maxItems: 2,
  }),
  ownerRole: Type.Optional(text("Role that owns the objects; both login roles are its members.", 63)),
  verifyAt: Type.Optional(
    list(connection, "Connections that must accept the new login before promotion.", { minItems: 1 }),
  ),
});
export type PostgresqlProvider = Static<typeof PostgresqlProvider>;

/** Parameters of the `aws-iam` rotator. */
export const AwsIamProvider = closed({
  connection,
  user: Type.String({
    pattern: "^[A-Za-z0-9+=,.@_-]{1,64}$",
    description: "IAM user name, without its path.",
  }),
});
export type AwsIamProvider = Static<typeof AwsIamProvider>;

const DnsName = Type.String({
  pattern:
    "^(?![0-9.]+$)(\\*\\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
  maxLength: 253,
  description: "DNS name, and no address; its first label may be `*`.",
});
const CommandName = text("One of `Settings.commands`.", 63);
const Http01 = closedUnion(
  {
    listen: Type.Optional(
      Type.String({
        pattern: "^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):\\d{1,5}$",
        maxLength: 260,
        description: "`host:port` where the runner itself answers the CA, such as `0.0.0.0:80`.",
      }),
    ),
    webroot: Type.Optional(
      closed(
        {
          connection,
          path: Type.String({
            pattern: "^/",
            maxLength: 1024,
            description: "Absolute folder that is served as the root of every name.",
          }),
        },
        "A folder of a web server, over SSH.",
      ),
    ),
    command: Type.Optional(CommandName),
  },
  ["listen", "webroot", "command"],
  "The CA fetches a file over port 80 of each name; exactly one way to put it there.",
);
const Dns01 = closedUnion(
  {
    route53: Type.Optional(
      closed(
        {
          connection,
          hostedZone: Type.Optional(
            Type.String({
              pattern: "^[A-Z0-9]{1,32}$",
              description: "Id of the hosted zone; default: the closest public one.",
            }),
          ),
        },
        "Amazon Route 53.",
      ),
    ),
    webhook: Type.Optional(closed({ connection }, "A signed request to a server of yours.")),
    command: Type.Optional(CommandName),
  },
  ["route53", "webhook", "command"],
  "The CA looks up a TXT record below each name; exactly one way to put it there. Wildcards need it.",
);

/** Parameters of the `acme` rotator. */
export const AcmeProvider = closed({
  connection,
  names: list(DnsName, "Names of the certificate.", { minItems: 1, maxItems: 100 }),
  challenge: closedUnion(
    { "http-01": Type.Optional(Http01), "dns-01": Type.Optional(Dns01) },
    ["http-01", "dns-01"],
    "How control of the names is proven to the CA; exactly one.",
  ),
  keyType: Type.Optional(
    oneOf(["ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-3072", "rsa-4096"], "Default ecdsa-p256."),
  ),
  profile: Type.Optional(text("Certificate profile of the CA.", 64)),
  preferredChain: Type.Optional(text("Common name of the preferred root.", 128)),
});
export type AcmeProvider = Static<typeof AcmeProvider>;

/** Parameters of the `csr` rotator. */
export const CsrProvider = Type.Object(
  {
    names: list(
      Type.String({ pattern: "^[^\\s\\p{Cc}/@]+$", maxLength: 253, description: "DNS name or address." }),
      "Names of the certificate.",
      { minItems: 1, maxItems: 100 },
    ),
    keyType: Type.Optional(
      oneOf(["ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-4096"], "Type of the key; default ecdsa-p256."),
    ),
    subject: Type.Optional(
      closed(
        {
          commonName: Type.Optional(text("Common name; default: the first name.", 64)),
          organization: Type.Optional(text("Organisation.", 64)),
          organizationalUnit: Type.Optional(text("Unit.", 64)),
          locality: Type.Optional(text("Place.", 128)),
          state: Type.Optional(text("State or province.", 128)),
          country: Type.Optional(Type.String({ pattern: "^[A-Z]{2}$", description: "Two capital letters." })),
        },
        "What the signing request says beside the names; many CAs ignore it.",
      ),
    ),
    certificate: Type.Optional(
      text("Path in this repository where a pull request puts the issued certificate and its chain (PEM)."),
    ),
    connection: Type.Optional({
      ...Name,
      description: "A webhook connection that is asked for the certificate.",
    }),
  },
  {
    additionalProperties: false,
    ...exactlyOne(["certificate", "connection"]),
    description: "A key at the targets, and a certificate that another CA makes for it.",
  },
);
export type CsrProvider = Static<typeof CsrProvider>;

/** Parameters of the `authorized-keys` rotator. */
export const AuthorizedKeysProvider = closedUnion(
  {
    hosts: Type.Optional(list(connection, "Connections of the hosts.", { minItems: 1, maxItems: 200 })),
    inventory: Type.Optional(
      closed(
        {
          file: text("Path of a file in this repository with one `host` or `host:port` in each line."),
          connection,
        },
        "Hosts of a file. The connection is the pattern for all of them: login and pins.",
      ),
    ),
    user: Type.String({
      pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$",
      description: "Account whose authorized_keys has the key.",
    }),
    file: Type.Optional(
      Type.String({
        pattern: "^(/|%h/)[^\\p{Cc}]+$",
        maxLength: 500,
        description:
          "The file; `%h` is the account's home, `%u` its name. Default: `%h/.ssh/authorized_keys`.",
      }),
    ),
    keyType: Type.Optional(oneOf(["ed25519", "rsa-3072", "rsa-4096"], "Default: ed25519.")),
    options: Type.Optional(
      text(
        'Options in front of the new key, such as `restrict,from="10.0.0.0/8"`. Default: those of the old one.',
      ),
    ),
    unreachable: Type.Optional(
      oneOf(
        ["hold", "leave"],
        "A host that cannot be reached: everything waits for it (default), or it is left with the key that it has.",
      ),
    ),
    authLog: Type.Optional(
      Type.String({
        pattern: "^/[^\\p{Cc}]+$",
        maxLength: 500,
        description: "sshd's log on the hosts, such as /var/log/auth.log: proof of who still uses which key.",
      }),
    ),
  },
  ["hosts", "inventory"],
);
export type AuthorizedKeysProvider = Static<typeof AuthorizedKeysProvider>;

/** Parameters of the `entra-application` rotator. */
export const EntraApplicationProvider = closed({
  connection,
  applicationId: Type.String({
    pattern: GUID_PATTERN,
    description: "Application (client) id of the registration, not its object id.",
  }),
  lifetime: Type.Optional(
    duration("How long a new client secret lives; default: the connection's, else 180d."),
  ),
  scope: Type.Optional(
    text("Scope of the token that a new secret is proven with; default: Microsoft Graph's.", 500),
  ),
});
export type EntraApplicationProvider = Static<typeof EntraApplicationProvider>;

/** Parameters of the `keycloak-client` rotator. */
export const KeycloakClientProvider = closed({
  connection,
  realm: text("Realm of the client.", 128),
  clientId: text("Client id as consumers send it, not Keycloak's own id of the client.", 128),
  oldLives: Type.Optional(
    duration("How long Keycloak takes the former secret at most once there is a new one; default 30d."),
  ),
});
export type KeycloakClientProvider = Static<typeof KeycloakClientProvider>;
const External = closed({ connection, object: ObjectName });

/** Exactly one key; it selects the rotator. */
export const Provider = Type.Object(
  {
    "aws-iam": Type.Optional(AwsIamProvider),
    postgresql: Type.Optional(PostgresqlProvider),
    acme: Type.Optional(AcmeProvider),
    csr: Type.Optional(CsrProvider),
    "authorized-keys": Type.Optional(AuthorizedKeysProvider),
    "entra-application": Type.Optional(EntraApplicationProvider),
    "keycloak-client": Type.Optional(KeycloakClientProvider),
    external: Type.Optional(External),
  },
  {
    additionalProperties: false,
    ...exactlyOne(PROVIDER_KEYS),
    description: "Exactly one key; it selects the rotator.",
  },
);
export type Provider = Static<typeof Provider>;

/** The key that selects the rotator; the reader has checked that there is exactly one. */
export function providerKey(provider: Provider): ProviderKey {
  // Every key of PROVIDER_TYPES is a ProviderKey.
  const key = (PROVIDER_KEYS as ProviderKey[]).find((one) => provider[one] !== undefined);
  if (key === undefined) throw new Error("a provider without a key passed validation");
  return key;
}
