import { AwsError } from "./aws-error.ts";
import { like } from "./policy.ts";

/**
 * What happens to a request in place of the action: `denied`, `throttled` and `error500` answer so, `drop` closes the
 * connection, `hang` never answers. The action has happened, and then its answer is lost, with `dropAfter` (closes the
 * connection), `hangAfter` (never answers) and `error500After`.
 */
export type AwsFault =
  | "denied"
  | "throttled"
  | "error500"
  | "drop"
  | "hang"
  | "dropAfter"
  | "hangAfter"
  | "error500After";

interface Planned {
  readonly pattern: string;
  readonly fault: AwsFault;
  left: number;
  /** Requests that pass first. */
  passing: number;
}

/** Faults that tests have asked for, each for so many requests; the one asked for first comes first. */
export class AwsFaults {
  readonly #planned: Planned[] = [];
  readonly #actions: readonly string[];

  constructor(actions: readonly string[]) {
    this.#actions = actions;
  }

  /** `action` as policies name it: `iam:CreateAccessKey`, `iam:*`. */
  plan(action: string, fault: AwsFault, times: number, after: number): void {
    if (!this.#actions.some((known) => like(action, known))) {
      throw new Error(`${action} is no action of the stand-in: it knows ${this.#actions.join(", ")}`);
    }
    this.#planned.push({ pattern: action, fault, left: times, passing: after });
  }

  /** The fault of this request, which is then used up by one. */
  next(action: string): AwsFault | undefined {
    const found = this.#planned.find(({ pattern, left }) => left > 0 && like(pattern, action));
    if (found === undefined) return undefined;
    if (found.passing > 0) {
      found.passing -= 1;
      return undefined;
    }
    found.left -= 1;
    return found.fault;
  }

  clear(): void {
    this.#planned.length = 0;
  }
}

/** What a service answers that has an error of its own. */
export function serverError(service: string): AwsError {
  const code = {
    secretsmanager: "InternalServiceError",
    ssm: "InternalServerError",
    acm: "InternalServerException",
  }[service];
  return new AwsError(code ?? "ServiceFailure", 500, "We encountered an internal error. Please try again.");
}

export function throttled(): AwsError {
  return new AwsError("Throttling", 400, "Rate exceeded");
}
