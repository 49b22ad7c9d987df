/** Who makes the commits of GitHub's own pages. */
export const WEB_FLOW = { name: "GitHub", email: "noreply@github.com" } as const;

/** The address that commits of an account carry. */
export function mailOf(login: string): string {
  return login.includes("[") ? `1+${login}@users.noreply.github.com` : `${login}@example.com`;
}

/** The account that an address of a commit belongs to; undefined: of nobody whom GitHub knows. */
export function loginOf(mail: string): string | undefined {
  if (mail === WEB_FLOW.email) return "web-flow";
  return (/^\d+\+(.+)@users\.noreply\.github\.com$/.exec(mail) ?? /^(.+)@example\.com$/.exec(mail))?.[1];
}

/** An account as GitHub shows it. */
export function shownUser(login: string): Readonly<Record<string, unknown>> {
  const page = `https://github.com/${login}`;
  const address = `https://api.github.com/users/${login}`;
  return {
    login,
    id: idOf(login),
    node_id: nodeId("U", idOf(login)),
    avatar_url: `https://avatars.githubusercontent.com/u/${idOf(login)}?v=4`,
    gravatar_id: "",
    url: address,
    html_url: page,
    followers_url: `${address}/followers`,
    following_url: `${address}/following{/other_user}`,
    gists_url: `${address}/gists{/gist_id}`,
    starred_url: `${address}/starred{/owner}{/repo}`,
    subscriptions_url: `${address}/subscriptions`,
    organizations_url: `${address}/orgs`,
    repos_url: `${address}/repos`,
    events_url: `${address}/events{/privacy}`,
    received_events_url: `${address}/received_events`,
    type: login.includes("[") ? "Bot" : "User",
    site_admin: false,
  };
}

export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString("base64url")}`;
}

function idOf(login: string): number {
  return Buffer.from(login).reduce((sum, byte) => (sum * 31 + byte) % 100_000_007, 7);
}
