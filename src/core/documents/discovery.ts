import { type Static, Type } from "typebox";
import { closed, closedUnion, duration, list, Name, text } from "./common.ts";

const connection = Type.Optional({ ...Name, description: "Name of a Connection." });
const connections = Type.Optional(list(Name, "Names of Connections.", { minItems: 1, maxItems: 500 }));

const AwsIam = closedUnion(
  { connection, connections },
  ["connection", "connections"],
  "Access keys of all users of an account, or of several: one connection for each.",
);
export type AwsIamDiscovery = Static<typeof AwsIam>;

const Postgresql = closedUnion(
  { connection, connections },
  ["connection", "connections"],
  "Roles that log in with a password, on one server or several.",
);
export type PostgresqlDiscovery = Static<typeof Postgresql>;

const Range = closed({
  cidr: Type.String({
    pattern: "^[0-9A-Fa-f.:]{2,45}/\\d{1,3}$",
    description: "Addresses, such as 10.20.0.0/22; 4096 of them at most (/20, or /116 of IPv6).",
  }),
  ports: list(Type.Integer({ minimum: 1, maximum: 65535 }), "Ports to look at on each of them.", {
    minItems: 1,
    maxItems: 16,
  }),
});
const Tls = Type.Object(
  {
    endpoints: Type.Optional(list(text("`host:port`.", 300), "Endpoints.", { minItems: 1 })),
    ranges: Type.Optional(list(Range, "Ranges of addresses.", { minItems: 1, maxItems: 16 })),
    registry: Type.Optional(
      Type.Literal(true, { description: "Looks at the endpoints of all credentials of the registry." }),
    ),
    files: Type.Optional(
      list(
        text("Path in this repository; `*` matches within a folder, `**` across folders.", 300),
        "Files of this repository in which `host:port` and https addresses are looked for.",
        { minItems: 1, maxItems: 50 },
      ),
    ),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: "Certificates that are served. Addresses that are not public need `network.scan`.",
  },
);
export type TlsDiscovery = Static<typeof Tls>;

const AuthorizedKeys = closedUnion(
  {
    connections,
    inventory: Type.Optional(
      closed(
        {
          file: text("Path of a file in this repository with one host in each line.", 300),
          connection: Name,
        },
        "Many hosts that are reached in the same way.",
      ),
    ),
    users: Type.Optional(
      list(
        Type.String({ pattern: "^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\\$?$" }),
        "Accounts that are looked at; default: every account of the host.",
        { minItems: 1, maxItems: 500 },
      ),
    ),
    files: Type.Optional(
      list(
        Type.String({
          pattern: "^(%h)?/[^\\u0000-\\u001f]{1,400}$",
          description: "Path on the host; `%h` is the account's home, `%u` its name.",
        }),
        "Files of each account, as AuthorizedKeysFile of its sshd has them; default %h/.ssh/authorized_keys and %h/.ssh/authorized_keys2.",
        { minItems: 1, maxItems: 8 },
      ),
    ),
  },
  ["connections", "inventory"],
  "Keys that let somebody in by SSH.",
);
export type AuthorizedKeysDiscovery = Static<typeof AuthorizedKeys>;

const Kubernetes = closed(
  {
    connection: Name,
    namespaces: list(
      Type.String({ pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" }),
      "Namespaces that are looked at.",
      { minItems: 1, maxItems: 200 },
    ),
  },
  "Metadata of Secrets of type kubernetes.io/tls; their content is never asked for.",
);
export type KubernetesDiscovery = Static<typeof Kubernetes>;

const Github = closedUnion(
  {
    connection: Name,
    repositories: Type.Optional(
      list(
        Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$" }),
        "`owner/name` of each repository.",
        { minItems: 1 },
      ),
    ),
    organisation: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9-]{0,38}$",
        description: "Its own secrets, and those of all of its repositories that the token sees.",
      }),
    ),
  },
  ["repositories", "organisation"],
  "Names and dates of the secrets of Actions; GitHub shows no values.",
);
export type GithubDiscovery = Static<typeof Github>;

const DISCOVERY_KINDS = ["aws-iam", "postgresql", "tls", "authorized-keys", "kubernetes", "github"] as const;

/** A place where credentials are looked for. */
export const Discovery = closedUnion(
  {
    name: Name,
    every: Type.Optional(duration("How often it is looked at; default 24h.")),
    "aws-iam": Type.Optional(AwsIam),
    postgresql: Type.Optional(Postgresql),
    tls: Type.Optional(Tls),
    "authorized-keys": Type.Optional(AuthorizedKeys),
    kubernetes: Type.Optional(Kubernetes),
    github: Type.Optional(Github),
  },
  DISCOVERY_KINDS,
  "Exactly one kind key beside `name` and `every`.",
);
export type DiscoveryEntry = Static<typeof Discovery>;
