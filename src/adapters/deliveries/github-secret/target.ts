import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError } from "../../../core/model/errors.ts";

export type GithubTarget = NonNullable<DeliverEntry["github-secret"]>;

/** Where the secrets of a scope are in GitHub's API, and which permissions their requests need. */
export interface Location {
  /** For people: `github-secret acme/orders (production)`. */
  readonly label: string;
  /** The beginning of the paths of its secrets and variables, with parameters in braces. */
  readonly base: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** `owner/name`; undefined for an organisation. */
  readonly repository: string | undefined;
  /** As GitHub's pages name them, without the access. */
  readonly secrets: string;
  readonly variables: string;
}

/** The location of a target. Throws a CreError where the document does not say it whole. */
export function locationOf(credential: string, target: GithubTarget, host: string): Location {
  const at = host === "api.github.com" ? "" : ` at ${host}`;
  const { scope, organisation, repository, environment } = target;
  if (scope === "organisation") {
    const org = given(credential, "organisation", organisation);
    return {
      label: `github-secret organisation ${org}${at}`,
      base: "/orgs/{org}/actions",
      parameters: { org },
      repository: undefined,
      secrets: "Organization secrets",
      variables: "Organization variables",
    };
  }
  const name = given(credential, "repository", repository);
  const [owner = "", repo = ""] = name.split("/");
  if (scope === "repository") {
    return {
      label: `github-secret ${name}${at}`,
      base: "/repos/{owner}/{repo}/actions",
      parameters: { owner, repo },
      repository: name,
      secrets: "Secrets",
      variables: "Variables",
    };
  }
  const wanted = given(credential, "environment", environment);
  return {
    label: `github-secret ${name} (${wanted})${at}`,
    base: "/repos/{owner}/{repo}/environments/{environment_name}",
    parameters: { owner, repo, environment_name: wanted },
    repository: name,
    secrets: "Environments",
    variables: "Environments",
  };
}

function given(credential: string, field: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new CreError("github-target", `${credential} delivers to GitHub without saying which ${field}`, {
    fix: `add \`${field}\` to the delivery`,
  });
}
