/** A refusal in the form of RFC 7807. */
export class AcmeProblem extends Error {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subproblems: readonly object[];

  constructor(
    status: number,
    type: string,
    detail: string,
    more: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly subproblems?: readonly object[];
    } = {},
  ) {
    super(detail);
    this.status = status;
    this.type = type;
    this.headers = more.headers ?? {};
    this.subproblems = more.subproblems ?? [];
  }

  document(): object {
    return {
      type: `urn:ietf:params:acme:error:${this.type}`,
      detail: this.message,
      status: this.status,
      ...(this.subproblems.length === 0 ? {} : { subproblems: this.subproblems }),
    };
  }
}
