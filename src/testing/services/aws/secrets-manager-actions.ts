import { createHash } from "node:crypto";
import type { Account } from "./account.ts";
import {
  type ActionCall,
  type AwsActions,
  type Output,
  optionalText,
  type Resource,
  tagContext,
  tagList,
  tagsOf,
  text,
  texts,
} from "./action.ts";
import { AwsError } from "./aws-error.ts";
import type { SecretValue, SecretVersion, StoredSecret } from "./stored-secret.ts";

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";

/** What Secrets Manager can do here. */
export const SECRETS_MANAGER_ACTIONS: AwsActions = {
  CreateSecret: {
    resource: ({ account, region, input }) => ({
      arn: arnFor(account, region, text(input, "Name")),
      shown: text(input, "Name"),
      context: tagContext(undefined, tagsOf(input)),
    }),
    also: (input) => (tagsOf(input).size > 0 ? ["secretsmanager:TagResource"] : []),
    act: (call) => {
      const { account, region, input, now } = call;
      const name = text(input, "Name");
      if (findSecret(call, name) !== undefined) {
        throw new AwsError(
          "ResourceExistsException",
          400,
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      const secret: StoredSecret = {
        arn: arnFor(account, region, name),
        name,
        createdAt: now,
        changedAt: now,
        tags: new Map(tagsOf(input)),
        versions: [],
        ...optional("description", optionalText(input, "Description")),
        ...optional("kmsKeyId", optionalText(input, "KmsKeyId")),
      };
      account.secrets.set(secret.arn, secret);
      if (valueOf(input) === undefined) return { ARN: secret.arn, Name: name };
      const version = put(secret, call, [CURRENT]);
      return { ARN: secret.arn, Name: name, VersionId: version.id };
    },
  },
  DescribeSecret: {
    resource: namedSecret,
    act: (call) => {
      const secret = askedSecret(call);
      return {
        ARN: secret.arn,
        Name: secret.name,
        Description: secret.description,
        KmsKeyId: secret.kmsKeyId,
        CreatedDate: secret.createdAt,
        LastChangedDate: secret.changedAt,
        Tags: tagList(secret.tags),
        VersionIdsToStages: stagesOf(secret),
      };
    },
  },
  GetSecretValue: {
    resource: namedSecret,
    act: (call) => {
      const secret = askedSecret(call);
      const id = optionalText(call.input, "VersionId");
      const stage = optionalText(call.input, "VersionStage") ?? (id === undefined ? CURRENT : undefined);
      const version = secret.versions.find(
        (candidate) =>
          (id === undefined || candidate.id === id) && (stage === undefined || candidate.stages.has(stage)),
      );
      if (version === undefined) {
        throw new AwsError(
          "ResourceNotFoundException",
          400,
          stage === undefined || id !== undefined
            ? `Secrets Manager can't find the specified secret value for VersionId: ${id}`
            : `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
        );
      }
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        ...version.value,
        VersionStages: [...version.stages],
        CreatedDate: version.createdAt,
      };
    },
  },
  PutSecretValue: {
    resource: namedSecret,
    act: (call) => {
      const secret = askedSecret(call);
      const stages = texts(call.input, "VersionStages");
      const version = put(secret, call, stages.length > 0 ? stages : [CURRENT]);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: [...version.stages],
      };
    },
  },
  UpdateSecretVersionStage: {
    resource: namedSecret,
    act: (call) => {
      const secret = askedSecret(call);
      moveStage(secret, call);
      secret.changedAt = call.now;
      return { ARN: secret.arn, Name: secret.name };
    },
  },
  ListSecretVersionIds: {
    resource: namedSecret,
    act: (call) => {
      const secret = askedSecret(call);
      const all = call.input["IncludeDeprecated"] === true;
      const versions = secret.versions.filter(({ stages }) => all || stages.size > 0);
      return {
        ARN: secret.arn,
        Name: secret.name,
        Versions: versions.map(({ id, stages, createdAt }) => ({
          VersionId: id,
          VersionStages: [...stages],
          CreatedDate: createdAt,
        })),
      };
    },
  },
  TagResource: {
    resource: namedSecret,
    act: (call) => {
      const { tags } = askedSecret(call);
      for (const [key, value] of tagsOf(call.input)) tags.set(key, value);
      return {};
    },
  },
  UntagResource: {
    resource: namedSecret,
    act: (call) => {
      const { tags } = askedSecret(call);
      for (const key of texts(call.input, "TagKeys")) tags.delete(key);
      return {};
    },
  },
};

function moveStage(secret: StoredSecret, { input }: ActionCall): void {
  const stage = text(input, "VersionStage");
  const from = optionalText(input, "RemoveFromVersionId");
  const to = optionalText(input, "MoveToVersionId");
  const holder = secret.versions.find(({ stages }) => stages.has(stage));
  const target = to === undefined ? undefined : versionOf(secret, to);
  if (from !== undefined && holder !== versionOf(secret, from)) {
    throw invalid(`The staging label ${stage} is not currently attached to version ${from}.`);
  }
  if (stage === CURRENT && target === undefined) {
    throw invalid(
      `You can't remove the staging label ${CURRENT} from a version; move it to another version.`,
    );
  }
  if (holder !== undefined && holder !== target && from === undefined) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (target === undefined) holder?.stages.delete(stage);
  else attachStage(secret, target, stage);
}

/** A label is on one version at a time; whatever loses AWSCURRENT becomes AWSPREVIOUS. */
function attachStage(secret: StoredSecret, target: SecretVersion, stage: string): void {
  const holder = secret.versions.find(({ stages }) => stages.has(stage));
  if (holder === target) return;
  holder?.stages.delete(stage);
  target.stages.add(stage);
  if (stage === CURRENT && holder !== undefined) attachStage(secret, holder, PREVIOUS);
  if (stage === CURRENT) target.stages.delete(PREVIOUS);
}

function put(secret: StoredSecret, { input, now }: ActionCall, stages: readonly string[]): SecretVersion {
  const value = valueOf(input);
  if (value === undefined) {
    throw invalid("You must provide either SecretString or SecretBinary.");
  }
  const id = text(input, "ClientRequestToken");
  if (id.length < 32 || id.length > 64) {
    throw invalid("ClientRequestToken must be 32-64 characters long.");
  }
  const known = secret.versions.find((version) => version.id === id);
  if (known !== undefined && JSON.stringify(known.value) !== JSON.stringify(value)) {
    throw new AwsError(
      "ResourceExistsException",
      400,
      `A resource with the ID you requested already exists.`,
    );
  }
  const version = known ?? { id, value, createdAt: now, stages: new Set<string>() };
  if (known === undefined) {
    secret.versions.push(version);
    for (const stage of stages) attachStage(secret, version, stage);
    // The first version is current whatever its labels are.
    if (secret.versions.length === 1) attachStage(secret, version, CURRENT);
    secret.changedAt = now;
  }
  return version;
}

function valueOf(input: ActionCall["input"]): SecretValue | undefined {
  const words = optionalText(input, "SecretString");
  const binary = optionalText(input, "SecretBinary");
  if (words !== undefined) return { SecretString: words };
  return binary === undefined ? undefined : { SecretBinary: binary };
}

function versionOf(secret: StoredSecret, id: string): SecretVersion {
  const version = secret.versions.find((candidate) => candidate.id === id);
  if (version === undefined) {
    throw new AwsError(
      "ResourceNotFoundException",
      400,
      `Secrets Manager can't find the specified secret version: ${id}.`,
    );
  }
  return version;
}

/** By name, by ARN, or by ARN without its six random characters; in the region that was asked. */
function findSecret({ account, region }: ActionCall, id: string): StoredSecret | undefined {
  const inRegion = [...account.secrets.values()].filter(({ arn }) => arn.split(":")[3] === region);
  return inRegion.find(({ arn, name }) => id === name || id === arn || id === arn.slice(0, -7));
}

function askedSecret(call: ActionCall): StoredSecret {
  const secret = findSecret(call, text(call.input, "SecretId"));
  if (secret === undefined) {
    throw new AwsError("ResourceNotFoundException", 400, "Secrets Manager can't find the specified secret.");
  }
  return secret;
}

function namedSecret(call: ActionCall): Resource {
  const id = text(call.input, "SecretId");
  const secret = findSecret(call, id);
  const { account, region, input } = call;
  const shown = secret?.arn ?? id;
  const asked = optionalText(input, "VersionStage");
  return {
    arn: secret?.arn ?? (id.startsWith("arn:") ? id : arnFor(account, region, id)),
    shown,
    context: {
      ...tagContext(secret?.tags, tagsOf(input), texts(input, "TagKeys")),
      ...Object.fromEntries(
        [...(secret?.tags ?? [])].map(([key, value]) => [`secretsmanager:ResourceTag/${key}`, value]),
      ),
      ...(asked === undefined ? {} : { "secretsmanager:VersionStage": asked }),
    },
  };
}

/** The end is random at AWS, so that a secret of the same name made later is another; here the name decides. */
function arnFor(account: Account, region: string, name: string): string {
  const hash = createHash("sha256").update(`${account.id}/${region}/${name}`).digest("base64");
  const end = hash.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 6);
  return `arn:aws:secretsmanager:${region}:${account.id}:secret:${name}-${end}`;
}

function stagesOf(secret: StoredSecret): Output {
  return Object.fromEntries(
    secret.versions.filter(({ stages }) => stages.size > 0).map(({ id, stages }) => [id, [...stages]]),
  );
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", 400, message);
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
}
