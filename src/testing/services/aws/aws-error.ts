/** What a service refuses with: its own name for it (as the Query protocol has it), the HTTP status, its own words. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntity", 404, message);
}

export function invalidToken(): AwsError {
  return new AwsError("InvalidClientTokenId", 403, "The security token included in the request is invalid.");
}
