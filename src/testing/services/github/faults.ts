/**
 * What happens to a request in place of what it asks for. `throttled` is the secondary rate limit, `limited` the
 * primary one, `busy` either as status 429, `noPulls` that workflows may not open pull requests, `moved` a redirect. `page200`, `page403` and `page502` are web pages of
 * something in between, `garbage` is no JSON. `drop` closes the connection and `hang` never answers; with `dropAfter`
 * it has happened, and then the connection is closed.
 */
export type GithubFault =
  | "denied"
  | "noPulls"
  | "hidden"
  | "throttled"
  | "limited"
  | "busy"
  | "moved"
  | "conflict"
  | "invalid"
  | "error500"
  | "page200"
  | "page403"
  | "page502"
  | "garbage"
  | "drop"
  | "dropAfter"
  | "hang";

interface Planned {
  readonly route: string;
  readonly fault: GithubFault;
  left: number;
  passing: number;
}

/** Faults that tests have asked for, by the end of a route: `secrets/{secret_name}`, `PUT` or both; `*` is any. */
export class GithubFaults {
  readonly #planned: Planned[] = [];

  plan(route: string, fault: GithubFault, times: number, after: number): void {
    this.#planned.push({ route, fault, left: times, passing: after });
  }

  next(route: string): GithubFault | undefined {
    const found = this.#planned.find((planned) => planned.left > 0 && isMeant(planned.route, route));
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

function isMeant(asked: string, route: string): boolean {
  const [method = "", path = ""] = route.split(" ");
  return asked
    .split(" ")
    .every((word) => word === "*" || word === method || (word !== "" && path.endsWith(word)));
}
