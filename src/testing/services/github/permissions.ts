/** Permissions of a token by their name in GitHub Apps; `write` includes `read`. */
export type Permissions = Readonly<Record<string, "read" | "write">>;

export const EVERYTHING: Permissions = {
  metadata: "read",
  secrets: "write",
  actions_variables: "write",
  environments: "write",
  organization_secrets: "write",
  organization_actions_variables: "write",
};

/** What a request needs, by GitHub's page "Permissions required for GitHub Apps". */
export function neededFor(route: string): readonly [permission: string, access: "read" | "write"] {
  const [method = "", path = ""] = route.split(" ");
  const access = method === "GET" ? "read" : "write";
  if (path.includes("/environments/")) return ["environments", access];
  if (path.startsWith("/orgs/")) {
    return [path.includes("/variables") ? "organization_actions_variables" : "organization_secrets", access];
  }
  if (path.includes("/secrets/")) return ["secrets", access];
  if (path.includes("/variables")) return ["actions_variables", access];
  return ["metadata", "read"];
}

export function allows(
  permissions: Permissions,
  [name, access]: readonly [string, "read" | "write"],
): boolean {
  const granted = permissions[name];
  return granted === "write" || granted === access;
}
