import { AcmeProblem } from "./acme-problem.ts";

export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** The refusal of what is another account's, or nobody's. */
export function unauthorized(detail: string): AcmeProblem {
  return new AcmeProblem(403, "unauthorized", detail);
}

/** An answer in JSON. */
export function json(status: number, value: object, headers: Answer["headers"] = {}): Answer {
  return { status, type: "application/json", headers, body: JSON.stringify(value) };
}
