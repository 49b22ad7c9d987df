/** A certificate of ACM. */
export interface StoredCertificate {
  readonly arn: string;
  readonly type: "IMPORTED" | "AMAZON_ISSUED";
  readonly tags: Map<string, string>;
  /** PEM texts of what was imported last; undefined: never issued. */
  body?: {
    readonly certificate: string;
    readonly privateKey: string;
    readonly chain: string | undefined;
    readonly importedAt: Date;
  };
}
