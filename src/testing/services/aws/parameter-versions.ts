import { flag, type Input, type Output } from "./action.ts";
import { AwsError } from "./aws-error.ts";
import type { Parameter, ParameterVersion } from "./ssm-parameter.ts";

const MAX_VERSIONS = 100;

export function newest({ versions }: Parameter): ParameterVersion {
  const last = versions.at(-1);
  if (last === undefined) throw new Error("a parameter has at least one version");
  return last;
}

/** The oldest of a hundred goes, unless it has a label. */
export function dropOldest({ versions }: Parameter): void {
  if (versions.length < MAX_VERSIONS) return;
  const [oldest] = versions;
  if (oldest !== undefined && oldest.labels.size > 0) {
    throw new AwsError(
      "ParameterMaxVersionLimitExceeded",
      400,
      `You attempted to create a new version of the parameter by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  }
  versions.shift();
}

export function shown(
  parameter: Parameter,
  version: ParameterVersion,
  input: Input,
  selector: string,
): Output {
  return {
    Name: parameter.name,
    ARN: parameter.arn,
    Type: version.type,
    Value: valueOf(version, input),
    Version: version.version,
    LastModifiedDate: version.modifiedAt,
    DataType: "text",
    ...(selector === "" ? {} : { Selector: selector }),
  };
}

export function described({ name, arn }: Parameter, version: ParameterVersion): Output {
  return {
    Name: name,
    ARN: arn,
    Type: version.type,
    KeyId: version.keyId,
    Description: version.description,
    Version: version.version,
    Tier: version.tier,
    LastModifiedDate: version.modifiedAt,
    LastModifiedUser: version.modifiedBy,
    DataType: "text",
  };
}

/** A version of the past, with its value and labels. */
export function remembered(parameter: Parameter, version: ParameterVersion, input: Input): Output {
  return {
    ...described(parameter, version),
    Value: valueOf(version, input),
    Labels: [...version.labels],
  };
}

/** Without `WithDecryption` a SecureString comes as its ciphertext. */
function valueOf({ value, type, version }: ParameterVersion, input: Input): string {
  if (type !== "SecureString" || flag(input, "WithDecryption")) return value;
  return Buffer.from(`ciphertext of version ${version}`).toString("base64");
}

/** The version that a number or a label names. @throws AwsError ParameterVersionNotFound. */
export function versionNamed(parameter: Parameter, selector: string): ParameterVersion {
  const version = parameter.versions.find((candidate) =>
    /^\d+$/.test(selector) ? candidate.version === Number(selector) : candidate.labels.has(selector),
  );
  if (version !== undefined) return version;
  throw new AwsError(
    "ParameterVersionNotFound",
    400,
    `Systems Manager could not find version ${selector} of ${parameter.name}. Verify the version and try again.`,
  );
}
