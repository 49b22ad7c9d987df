import { randomUUID } from "node:crypto";

/** What a request is answered with. */
export interface EntraAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of Graph. */
export function graphError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): EntraAnswer {
  const id = randomUUID();
  const innerError = { date: "2026-11-25T00:00:00", "request-id": id, "client-request-id": id };
  return { status, headers, body: { error: { code, message, innerError } } };
}

/** A refusal of the authority. */
export function authorityError(status: number, error: string, number: number, says: string): EntraAnswer {
  const id = randomUUID();
  const error_description = `AADSTS${number}: ${says} Trace ID: ${id} Correlation ID: ${id} Timestamp: 2026-11-25 00:00:00Z`;
  return {
    status,
    body: {
      error,
      error_description,
      error_codes: [number],
      timestamp: "2026-11-25 00:00:00Z",
      trace_id: id,
      correlation_id: id,
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
    },
  };
}
