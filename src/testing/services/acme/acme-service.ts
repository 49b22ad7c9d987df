/** An ACME server for tests, whichever it is. */
export interface AcmeService {
  readonly name: string;
  readonly directory: string;
  /** PEM of the authority that vouches for the directory's own TLS. */
  readonly ca: string;
  /** Port of this machine at which it fetches the files of http-01, whatever the name is. */
  readonly httpPort: number;
  /** Common name of a root that another chain leads to; undefined where there is one chain only. */
  readonly alternateRoot: string | undefined;
  /** Profiles that it offers. */
  readonly profiles: readonly string[];
  /** It tells when a certificate should be renewed, and takes `replaces`. */
  readonly hasRenewalInfo: boolean;
  /** Puts a TXT record where it looks; absent where it cannot be told of any. */
  setRecord?(name: string, values: readonly string[]): Promise<void>;
  /** Reason of RFC 5280 for which a certificate was revoked, by its serial in hex. */
  revocationOf(serial: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** What a service asks of its customers. */
export interface AcmeServiceOptions {
  /** Percent of nonces that it refuses though they are good. */
  readonly badNonces?: number;
  /** Accounts need one of these, base64url by key id. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  /** Seconds that certificates are valid for. */
  readonly validity?: number;
}
