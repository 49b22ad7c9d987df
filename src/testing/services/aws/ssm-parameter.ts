export interface ParameterVersion {
  readonly version: number;
  readonly value: string;
  readonly type: string;
  readonly description?: string;
  readonly keyId?: string;
  readonly tier: string;
  readonly modifiedAt: Date;
  /** ARN of whoever wrote it. */
  readonly modifiedBy: string;
  readonly labels: Set<string>;
}

/** A parameter of the SSM Parameter Store, newest version last. */
export interface Parameter {
  readonly arn: string;
  readonly name: string;
  readonly tags: Map<string, string>;
  readonly versions: ParameterVersion[];
}
