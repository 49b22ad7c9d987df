/** Requests that the stand-in knows, by the name that tests use. */
export const ENTRA_CALLS = [
  "token",
  "readApplication",
  "updateApplication",
  "addPassword",
  "removePassword",
  "readSignIns",
] as const;
export type EntraCall = (typeof ENTRA_CALLS)[number];

/**
 * What happens to a request in place of what it asks for. `drop` closes the connection and `hang` never answers; what
 * ends with `After` has happened before. `quoting` refuses and quotes what was sent; `page` is a gateway's.
 */
export type EntraFault =
  | "denied"
  | "throttled"
  | "throttledLong"
  | "conflict"
  | "unauthorized"
  | "error503"
  | "error503After"
  | "page"
  | "quoting"
  | "redirect"
  | "garbage"
  | "drop"
  | "dropAfter"
  | "hang"
  | "hangAfter";

interface Planned {
  readonly call: EntraCall;
  readonly fault: EntraFault;
  left: number;
  passing: number;
}

/** Faults that tests have asked for, each for so many requests, after so many that pass. */
export class EntraFaults {
  readonly #planned: Planned[] = [];

  plan(call: EntraCall, fault: EntraFault, times: number, after: number): void {
    this.#planned.push({ call, fault, left: times, passing: after });
  }

  next(call: EntraCall): EntraFault | undefined {
    const found = this.#planned.find((planned) => planned.left > 0 && planned.call === call);
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
