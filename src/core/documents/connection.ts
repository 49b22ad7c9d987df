import { type Static, Type } from "typebox";
import {
  closed,
  closedUnion,
  documentOf,
  duration,
  exactlyOne,
  GUID_PATTERN,
  list,
  Name,
  oneOf,
  text,
} from "./common.ts";
import { ConnectionSecretRef } from "./stored-secret.ts";

export const CONNECTION_KINDS = [
  "postgresql",
  "webhook",
  "aws",
  "kubernetes",
  "github",
  "acme",
  "ssh",
  "entra",
  "keycloak",
  "external",
] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

const Host = text("Host name or address.", 253);
const Port = Type.Integer({
  minimum: 1,
  maximum: 65535,
  description: "Port; default: the protocol's own.",
});
const HTTPS_URL = "^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])([:/]|$))";
const HttpsUrl = Type.String({
  pattern: HTTPS_URL,
  maxLength: 2048,
  description: "https only, except loopback.",
});

const Tls = closed(
  {
    mode: Type.Optional(
      oneOf(["verify-full", "disable"], "verify-full (default); disable only for loopback and sockets."),
    ),
    ca: Type.Optional(text("Path of the CA bundle (PEM) in this repository.")),
    serverName: Type.Optional(text("Name to verify when it differs from the host.", 253)),
  },
  "TLS settings; verify-full unless said otherwise.",
);

const Postgresql = closed({
  host: text("Host name, address, or the absolute path of a socket folder.", 253),
  port: Type.Optional(Port),
  database: Type.Optional(text("Database of the admin login; default: the credential's.", 63)),
  tls: Type.Optional(Tls),
  admin: Type.Optional(
    closed(
      { user: text("Admin role.", 63), password: ConnectionSecretRef },
      "Absent where the connection is only a path.",
    ),
  ),
});

const HmacKey = closed({
  id: Type.String({ pattern: "^[!-~]{1,63}$", description: "Key id sent with each request." }),
  secret: ConnectionSecretRef,
});
const Webhook = closed({
  url: HttpsUrl,
  key: HmacKey,
  ca: Type.Optional(text("Path of a CA bundle (PEM).")),
});
const AWS_ROLE = "^arn:aws[a-z-]*:iam::\\d{12}:role/[A-Za-z0-9+=,.@_/-]{1,576}$";
const Aws = closed({
  region: Type.String({ pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description: "Region." }),
  endpoint: Type.Optional(HttpsUrl),
  partition: Type.Optional(oneOf(["aws", "aws-cn", "aws-us-gov"], "Partition of the region; default aws.")),
  assumeRole: Type.Optional(Type.String({ pattern: AWS_ROLE, description: "ARN of the role to assume." })),
  revokeRole: Type.Optional(
    Type.String({
      pattern: AWS_ROLE,
      description: "ARN of the role that deactivates, reactivates and deletes; default: `assumeRole`.",
    }),
  ),
  externalId: Type.Optional(
    text("External id that the trust of these roles asks for; it is no secret.", 1224),
  ),
  profile: Type.Optional(text("Profile of the runner's AWS configuration.", 63)),
});
const Kubernetes = closed({
  server: HttpsUrl,
  ca: Type.Optional(text("Path of a CA bundle (PEM).")),
  token: ConnectionSecretRef,
});
const Github = closed({
  url: Type.Optional(HttpsUrl),
  ca: Type.Optional(text("Path of a CA bundle (PEM).")),
  token: ConnectionSecretRef,
});
const Acme = closed({
  directory: HttpsUrl,
  accountKey: ConnectionSecretRef,
  contact: Type.Optional(
    Type.String({ pattern: "^\\S+@\\S+$", maxLength: 200, description: "Mail address for the account." }),
  ),
  termsOfServiceAgreed: Type.Optional(
    Type.Boolean({ description: "Agrees to the CA's terms, where an account has to be made." }),
  ),
  ca: Type.Optional(text("Path of a CA bundle (PEM).")),
  eab: Type.Optional(
    closed(
      { kid: text("Key id.", 200), key: ConnectionSecretRef },
      "External account that the CA gave; its key as base64url.",
    ),
  ),
});
const Ssh = closedUnion(
  {
    host: Type.Optional(Host),
    port: Type.Optional(Port),
    hostKey: Type.Optional(
      Type.String({
        pattern: "^SHA256:[A-Za-z0-9+/]{43}$",
        description: "Fingerprint of the host key, as `ssh-keygen -lf` prints it on the host itself.",
      }),
    ),
    knownHosts: Type.Optional(
      text("Path of a known_hosts file in this repository that has the keys of the host."),
    ),
    user: Type.String({
      pattern: "^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$",
      description: "Login of the runner.",
    }),
    key: ConnectionSecretRef,
  },
  ["hostKey", "knownHosts"],
  "A host that the runner signs in to with a key of its own; one that shows no pinned key is not spoken to.",
);
const Entra = closedUnion(
  {
    tenant: Type.String({
      pattern: "^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+)$",
      maxLength: 253,
      description: "Tenant id, or one of the tenant's verified domains.",
    }),
    clientId: Type.String({
      pattern: GUID_PATTERN,
      description: "Application (client) id that the runner signs in as.",
    }),
    secret: Type.Optional(ConnectionSecretRef),
    federated: Type.Optional(
      Type.Literal(true, {
        description: "Signs in with the workflow's own OIDC token: the runner keeps no secret.",
      }),
    ),
    endpoint: Type.Optional(HttpsUrl),
    authority: Type.Optional(HttpsUrl),
    lifetime: Type.Optional(duration("How long new client secrets live; default 180d.")),
    signInActivity: Type.Optional(
      Type.Boolean({
        description:
          "Asks Microsoft's report (beta, AuditLog.Read.All) when a client secret was last used; default false.",
      }),
    ),
  },
  ["secret", "federated"],
);
const Keycloak = closed({
  url: Type.String({
    pattern: HTTPS_URL,
    maxLength: 2048,
    description: "Base URL of the server, as far as `/realms`; https only, except loopback.",
  }),
  realm: Type.Optional(text("Realm that the runner's client is in; default `master`.", 128)),
  clientId: text(
    "Client that the runner signs in as, with a service account that may manage the others.",
    200,
  ),
  secret: ConnectionSecretRef,
  ca: Type.Optional(text("Path of a CA bundle (PEM).")),
});
const External = closed({
  url: HttpsUrl,
  key: HmacKey,
  ca: Type.Optional(text("Path of a CA bundle (PEM).")),
});

const Allow = closed(
  {
    names: Type.Optional(list(Name, "Credentials.", { minItems: 1 })),
    services: Type.Optional(list(Name, "Services.", { minItems: 1 })),
    objects: Type.Optional(
      list(text("Provider object, `*` matches any run of characters.", 200), "Roles, users or clients.", {
        minItems: 1,
      }),
    ),
  },
  "Who may use this connection and on which provider objects; every given list must hold. Absent: every credential.",
);

const Spec = Type.Object(
  {
    postgresql: Type.Optional(Postgresql),
    webhook: Type.Optional(Webhook),
    aws: Type.Optional(Aws),
    kubernetes: Type.Optional(Kubernetes),
    github: Type.Optional(Github),
    acme: Type.Optional(Acme),
    ssh: Type.Optional(Ssh),
    entra: Type.Optional(Entra),
    keycloak: Type.Optional(Keycloak),
    external: Type.Optional(External),
    zone: Type.Optional(Name),
    allow: Type.Optional(Allow),
  },
  {
    additionalProperties: false,
    ...exactlyOne(CONNECTION_KINDS),
    description: "Exactly one kind key beside `zone` and `allow`.",
  },
);

/** An address, the runner's login for it, and who may use it; owned by the security team. */
export const Connection = documentOf(
  "Connection",
  Spec,
  "An address, the runner's login for it, and who may use it.",
);
export type Connection = Static<typeof Connection>;
export type ConnectionSpec = Connection["spec"];
export type PostgresqlConnection = Static<typeof Postgresql>;
/** The account that a role's ARN names; undefined without a role. */
export function accountOfRole(role: string | undefined): string | undefined {
  return /^arn:[^:]*:iam::(\d{12}):/.exec(role ?? "")?.[1];
}

export type AwsConnection = Static<typeof Aws>;
export type KubernetesConnection = Static<typeof Kubernetes>;
export type GithubConnection = Static<typeof Github>;
export type EntraConnection = Static<typeof Entra>;
export type KeycloakConnection = Static<typeof Keycloak>;
export type AcmeConnection = Static<typeof Acme>;
export type SshConnection = Static<typeof Ssh>;
export type ExternalConnection = Static<typeof External>;
export type WebhookConnection = Static<typeof Webhook>;
