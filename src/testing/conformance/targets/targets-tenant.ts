import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Tally } from "../consumer.ts";
import type { Settle } from "../estate.ts";
import { openAwsIamProvider } from "../overlap/aws-iam-provider.ts";
import type { OverlapProvider } from "../overlap/overlap-provider.ts";
import type { AnyTenant } from "../tenant.ts";
import { openParameterTarget, openSecretsManagerTarget } from "./aws-targets.ts";
import { openCommandTarget } from "./command-target.ts";
import { openGithubTarget } from "./github-target.ts";
import { openKubernetesTarget } from "./kubernetes-target.ts";
import type { OpenTarget, SharedServices, Target } from "./target.ts";
import { openWebhookTarget } from "./webhook-target.ts";

const OPENERS = {
  webhook: openWebhookTarget,
  "kubernetes-secret": openKubernetesTarget,
  "aws-secrets-manager": openSecretsManagerTarget,
  command: openCommandTarget,
  "github-secret": openGithubTarget,
  "aws-ssm": openParameterTarget,
} as const satisfies Readonly<Record<string, OpenTarget>>;
export type TargetKind = keyof typeof OPENERS;

/** Those that stage; a program is started for each question, which is slow. */
export const STAGING = ["webhook", "kubernetes-secret", "aws-secrets-manager", "command"] as const;
/** Those that can only be pushed to: each credential has one, which is the last to get a new key. */
export const PUSHING = ["github-secret", "aws-ssm"] as const;

/** One access key that several targets get, each read by an application that signs in with what it finds. */
export interface TargetsTenant extends AnyTenant {
  readonly provider: OverlapProvider;
  /** In the document's order. */
  readonly targets: readonly Target[];
  /** Every secret that was ever sent to the first target. */
  readonly seen: ReadonlySet<string>;
  readonly strangersBefore: unknown;
  /** Every application reads its target and signs in, now. */
  sample(): Promise<void>;
}

/** Its target of this kind. */
export function targetOf({ targets, plan }: TargetsTenant, kind: string): Target {
  const target = targets.find((candidate) => candidate.kind === kind);
  if (target === undefined) throw new Error(`${plan.name} has no target ${kind}`);
  return target;
}

/** How an estate makes such a credential, with targets of these kinds in the document's order. */
export function settleTargets(
  name: string,
  kinds: readonly TargetKind[],
  shared: SharedServices,
): Settle<TargetsTenant> {
  return async ({ root, clock, readStatus }) => {
    const provider = await openAwsIamProvider(name, clock);
    const folder = join(root, name);
    mkdirSync(folder, { mode: 0o700 });
    const seen = new Set<string>();
    const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } =
      provider.secrets;
    const login = { accessKeyId, secretAccessKey };
    const context = { name, folder, first: provider.first, clock, login, shared, seen };
    const targets: Target[] = [];
    for (const kind of kinds) targets.push(await OPENERS[kind](context));
    const tally: Tally = { logins: 0, failures: 0, longestGap: 0, lastError: undefined };
    const sample = async (): Promise<void> => {
      for (const target of targets) await signIn(provider, target, tally);
    };
    const service = `${name}-api`;
    return {
      tenant: {
        plan: { name },
        provider,
        targets,
        seen,
        strangersBefore: await provider.strangers(),
        sample,
        status: () => readStatus(service, name),
        consumer: {
          tally,
          stop: async () => {
            for (const target of targets) await target.stop();
            await provider.stop();
          },
        },
      },
      registry: registryOf(name, service, provider, targets),
      platform: platformOf(name, provider, targets),
      secrets: Object.assign({}, provider.secrets, ...targets.map(({ secrets }) => secrets)),
      commands: Object.assign({}, ...targets.map(({ commands }) => commands)),
      folder: undefined,
    };
  };
}

async function signIn(provider: OverlapProvider, target: Target, tally: Tally): Promise<void> {
  try {
    await provider.signIn(await target.current());
    tally.logins += 1;
  } catch (error) {
    tally.failures += 1;
    tally.lastError = `${target.kind}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function registryOf(
  name: string,
  service: string,
  { provider }: OverlapProvider,
  targets: readonly Target[],
): string {
  const deliver = targets.map(({ entry }) => `    - ${entry}\n      consumer: ${service}\n`).join("");
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: api-key
  service: ${service}
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    ${provider}
  deliver:
${deliver}  access:
    - { principal: ${service}, kind: service, purpose: reads orders }
`;
}

function platformOf(
  name: string,
  { connection, object }: OverlapProvider,
  targets: readonly Target[],
): string {
  const way = (called: string, spec: string, objects = ""): string => `apiVersion: cre/v1
kind: Connection
metadata: { name: ${called} }
spec:
  ${spec}
  allow: { names: [${name}]${objects} }
`;
  const ways = targets.flatMap(({ connections }) =>
    Object.entries(connections).map(([called, spec]) => way(called, spec)),
  );
  return [
    way(`${name}-cloud`, connection, `, objects: ["${object}"]`),
    ...ways,
    `apiVersion: cre/v1
kind: Policy
metadata: { name: ${name}-policy }
spec:
  match: { names: [${name}] }
  rotateWithin: 60d
  enforcement: rotate
  gracePeriod: 24h
  quietPeriod: 2d
  soakPeriod: 2d
`,
  ].join("---\n");
}
