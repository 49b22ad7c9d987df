export interface SecretVersion {
  /** The client request token. */
  readonly id: string;
  readonly value: SecretValue;
  readonly createdAt: Date;
  /** Staging labels. A version without any is deprecated, and stays. */
  readonly stages: Set<string>;
}

export interface SecretValue {
  readonly SecretString?: string;
  /** Base64. */
  readonly SecretBinary?: string;
}

/** A secret of Secrets Manager. */
export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly tags: Map<string, string>;
  readonly versions: SecretVersion[];
  description?: string;
  kmsKeyId?: string;
  changedAt: Date;
}
