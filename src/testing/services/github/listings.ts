import type { GithubAnswer } from "./answer.ts";
import type { Place } from "./places.ts";
import { shownSecret } from "./secrets-and-variables.ts";

/** What a request for a list is answered from. */
interface ListingCall {
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly address: URL;
  readonly places: ReadonlyMap<string, Place>;
  /** A repository as GitHub shows it. */
  readonly repository: Readonly<Record<string, unknown>>;
  /** `owner/name` of those that are archived. */
  readonly archived: ReadonlySet<string>;
  readonly now: string;
}

/** Lists of secrets, of environments and of an organisation's repositories; undefined for any other request. */
export function listingAnswer(call: ListingCall): GithubAnswer | undefined {
  const { route, parameters, places, now } = call;
  const { owner = "", repo = "", environment_name: environment = "", org = "" } = parameters;
  switch (route) {
    case "GET /repos/{owner}/{repo}/actions/secrets":
      return secretsOf(call, `repository ${owner}/${repo}`, false);
    case "GET /repos/{owner}/{repo}/environments/{environment_name}/secrets":
      return secretsOf(call, `environment ${owner}/${repo} ${environment}`, false);
    case "GET /orgs/{org}/actions/secrets":
      return secretsOf(call, `organisation ${org}`, true);
    case "GET /repos/{owner}/{repo}/environments": {
      const names = namesBelow(places, `environment ${owner}/${repo} `);
      const environments = paged(call, names).map((name, at) => ({
        id: at + 1,
        node_id: `EN_${at + 1}`,
        name,
        url: "https://api.github.com",
        html_url: "https://github.com",
        created_at: now,
        updated_at: now,
      }));
      return { status: 200, body: { total_count: names.length, environments } };
    }
    case "GET /orgs/{org}/repos": {
      const names = namesBelow(places, `repository ${org}/`);
      return {
        status: 200,
        body: paged(call, names).map((name) => {
          const full = `${org}/${name}`;
          const archived = call.archived.has(full);
          return Object.assign({}, call.repository, { name, full_name: full, archived });
        }),
      };
    }
    default:
      return undefined;
  }
}

function secretsOf(call: ListingCall, name: string, isOrganisation: boolean): GithubAnswer | undefined {
  const place = call.places.get(name);
  if (place === undefined) return undefined;
  const all = [...place.secrets].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const secrets = paged(call, all).map(([key, secret]) => {
    const selected = { selected_repositories_url: "https://api.github.com" };
    const shown = shownSecret(key, secret, isOrganisation);
    return secret.visibility === "selected" ? Object.assign({}, shown, selected) : shown;
  });
  return { status: 200, body: { total_count: all.length, secrets } };
}

function namesBelow(places: ReadonlyMap<string, Place>, prefix: string): readonly string[] {
  return [...places.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .toSorted();
}

function paged<T>({ address }: ListingCall, all: readonly T[]): readonly T[] {
  const size = Number(address.searchParams.get("per_page") ?? "30");
  const page = Number(address.searchParams.get("page") ?? "1");
  return all.slice((page - 1) * size, page * size);
}
