import { type Static, Type } from "typebox";
import { closed, duration, exactlyOne, list, mapOf, Name, oneOf, text } from "./common.ts";

export const DELIVER_KINDS = [
  "webhook",
  "kubernetes-secret",
  "github-secret",
  "aws-secrets-manager",
  "aws-ssm",
  "aws-acm",
  "env-file",
  "command",
] as const;
export type DeliverKind = (typeof DELIVER_KINDS)[number];

/** Kinds whose target takes a new value only by replacing the one in use: they cannot stage. */
export const PUSH_ONLY_KINDS: readonly DeliverKind[] = ["github-secret", "aws-ssm", "aws-acm"];

/** Kinds that take a key first and its certificate with the promotion. */
export const COMPLETING_KINDS: readonly DeliverKind[] = [
  "webhook",
  "command",
  "kubernetes-secret",
  "env-file",
];

const Template = Type.String({ minLength: 1, maxLength: 2000 });
const Values = mapOf(
  "^[^\\s\\p{Cc}]{1,1011}$",
  Template,
  "Target keys and their templates: `{part}` or percent-encoded `{part:uri}`.",
  { minProperties: 1 },
);

const Webhook = closed({
  connection: Name,
  triesPending: Type.Optional(
    Type.Boolean({ description: "The consumer tries pending when current is refused." }),
  ),
});
const EnvFile = closed({
  path: Type.String({
    pattern: "^/",
    maxLength: 4096,
    description: "Absolute path below one of `Settings.paths`.",
  }),
  values: Values,
});
const KubernetesSecret = closed({
  connection: Name,
  namespace: Type.String({
    pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
    description: "Namespace: lower-case letters, digits and dashes.",
  }),
  name: text("Name of the Secret.", 253),
  values: Values,
  restart: Type.Optional(
    list(
      Type.String({
        pattern: "^(deployment|statefulset|daemonset)/[a-z0-9][-a-z0-9.]{0,252}$",
        description: "`deployment/NAME`, `statefulset/NAME` or `daemonset/NAME`.",
      }),
      "Workloads restarted after promotion.",
      { minItems: 1 },
    ),
  ),
});
const GithubSecret = closed({
  connection: Name,
  scope: oneOf(["repository", "environment", "organisation"], "Whose secrets they become."),
  organisation: Type.Optional(text("Login of the organisation, for its scope.", 100)),
  repository: Type.Optional(text("`owner/name`, for the scopes repository and environment.", 200)),
  environment: Type.Optional(text("Environment of the repository, for its scope.", 255)),
  values: Values,
});
const AwsSecretsManager = closed({
  connection: Name,
  secretId: Type.String({
    pattern: "^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\\d{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}$",
    description: "Name or ARN.",
  }),
  values: Type.Optional(Values),
});
const AwsSsm = closed({
  connection: Name,
  values: mapOf(
    "^(?=.{1,1011}$)(/?[A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+){2,15})$",
    Template,
    "Names of parameters, whole and no ARN, and their templates: `{part}` or percent-encoded `{part:uri}`.",
    { minProperties: 1 },
  ),
});
const AwsAcm = closed({
  connection: Name,
  certificateArn: Type.String({
    pattern: "^arn:aws[a-z-]*:acm:[a-z0-9-]+:\\d{12}:certificate/[A-Za-z0-9-]{1,64}$",
    description: "ARN of the imported certificate.",
  }),
});
const Command = closed({ run: text("Name of an entry of `Settings.commands`.", 63) });

const Entry = Type.Object(
  {
    webhook: Type.Optional(Webhook),
    "kubernetes-secret": Type.Optional(KubernetesSecret),
    "github-secret": Type.Optional(GithubSecret),
    "aws-secrets-manager": Type.Optional(AwsSecretsManager),
    "aws-ssm": Type.Optional(AwsSsm),
    "aws-acm": Type.Optional(AwsAcm),
    "env-file": Type.Optional(EnvFile),
    command: Type.Optional(Command),
    consumer: Type.Optional(text("A principal of `access`: who reads the credential here.", 200)),
    longestIdle: Type.Optional(duration("The longest this consumer may go without using the credential.")),
  },
  {
    additionalProperties: false,
    ...exactlyOne(DELIVER_KINDS),
    description: "Exactly one kind key beside `consumer` and `longestIdle`.",
  },
);
/** One target of the new secret. */
export type DeliverEntry = Static<typeof Entry>;

/** The kind key of an entry; the reader has checked that there is exactly one. */
export function deliverKind(entry: DeliverEntry): DeliverKind {
  const kind = DELIVER_KINDS.find((key) => entry[key] !== undefined);
  if (kind === undefined) throw new Error("a deliver entry without a kind passed validation");
  return kind;
}

export const Deliver = list(Entry, "Where the new secret goes.", { maxItems: 20 });
