/** Permissions of a token by their name in GitHub Apps; `write` includes `read`. */
export type Permissions = Readonly<Record<string, "read" | "write">>;

export const EVERYTHING: Permissions = {
  metadata: "read",
  secrets: "write",
  actions_variables: "write",
  environments: "write",
  organization_secrets: "write",
  organization_actions_variables: "write",
  actions: "write",
  contents: "write",
  issues: "write",
  pull_requests: "write",
};

export type Needed = readonly [permission: string, access: "read" | "write"];

/** What a request needs, by GitHub's page "Permissions required for GitHub Apps": any one of these. */
export function neededFor(route: string): readonly Needed[] {
  const [method = "", path = ""] = route.split(" ");
  const access = method === "GET" ? "read" : "write";
  if (path === "/orgs/{org}/repos") return [["metadata", "read"]];
  if (path.endsWith("/environments")) return [["actions", "read"]];
  if (path.includes("/environments/")) return [["environments", access]];
  if (path.startsWith("/orgs/")) {
    return [
      [path.includes("/variables") ? "organization_actions_variables" : "organization_secrets", access],
    ];
  }
  if (/\/secrets(\/|$)/.test(path)) return [["secrets", access]];
  if (path.includes("/variables")) return [["actions_variables", access]];
  const below = path.replace("/repos/{owner}/{repo}", "");
  if (below.startsWith("/actions/")) return [["actions", access]];
  if (below.startsWith("/pulls") || below.endsWith("/pulls")) return [["pull_requests", access]];
  if (/^\/(labels|assignees|issues\/.*(comments|labels))/.test(below)) {
    return [
      ["issues", access],
      ["pull_requests", access],
    ];
  }
  if (below.startsWith("/issues")) return [["issues", access]];
  if (/^\/(contents|git|commits|compare|activity)/.test(below)) return [["contents", access]];
  return [["metadata", "read"]];
}

export function allows(permissions: Permissions, [name, access]: Needed): boolean {
  const granted = permissions[name];
  return granted === "write" || granted === access;
}
