/** One credential of the crowd: its name in the documents, and its two roles. */
export interface Member {
  readonly name: string;
  readonly service: string;
  readonly roles: readonly [string, string];
  /** Where it lies, when it is delivered by an env file. */
  readonly envFile?: string;
}

export const DATABASE = "crowd";

export function member(index: number, envFile?: string): Member {
  const id = String(index).padStart(2, "0");
  const base = { name: `svc-${id}-db`, service: `svc-${id}` } as const;
  return {
    ...base,
    roles: [`svc_${id}_a`, `svc_${id}_b`],
    ...(envFile === undefined ? {} : { envFile }),
  };
}

export function fileOf({ service }: Member): string {
  return `registry/${service}.yaml`;
}

export function firstPassword({ service }: Member): string {
  return `first-password-of-${service}`;
}

/** Changes that people make to a credential's document. */
export interface Facts {
  readonly name?: string;
  readonly formerName?: string;
  readonly contact?: string;
}

export function documentOf(
  { name, service, roles, envFile }: Member,
  { contact = "crowd@example.com", name: newName = name, formerName }: Facts = {},
): string {
  const former = formerName === undefined ? "" : `, formerNames: [${formerName}]`;
  const target =
    envFile === undefined
      ? "webhook: { connection: hook, triesPending: true }"
      : `env-file: { path: ${envFile}, values: { PGUSER: "{username}", PGPASSWORD: "{password}" } }`;
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${newName}${former} }
spec:
  type: database-password
  service: ${service}
  owner: { team: crowd, contact: ${contact} }
  createdAt: 2026-01-15
  method: automated
  provider:
    postgresql: { connection: cluster, database: ${DATABASE}, roles: [${roles.join(", ")}], ownerRole: crowd_owner }
  deliver:
    - ${target}
      consumer: app
  access:
    - { principal: app, kind: service }
`;
}

export const SETTINGS_FILE = "policies/settings.yaml";
export const POLICY_FILE = "policies/passwords.yaml";

export function settings(folder: string, startsPerRun: number): string {
  return `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  limits: { startsPerRun: ${startsPerRun}, openRotations: 1000, concurrency: 4 }
  paths: [${folder}]
`;
}

export function policy(gracePeriod: string): string {
  return `apiVersion: cre/v1
kind: Policy
metadata: { name: database-passwords }
spec:
  match: { types: [database-password] }
  rotateWithin: 60d
  enforcement: rotate
  gracePeriod: ${gracePeriod}
`;
}
