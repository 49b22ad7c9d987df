import { type GithubAnswer, refusal } from "./answer.ts";
import type { Operation } from "./description.ts";

/** The one question that is asked by GraphQL, which no description of the REST API knows. */
export const VIEWER: Operation = { route: "POST /graphql", parameters: {} };

export function wrongWithQuery(body: unknown): string | undefined {
  // `as`: looked at before it is used.
  const { query } = (body ?? {}) as { query?: unknown };
  return typeof query === "string" && /^(query)?\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}$/.test(query.trim())
    ? undefined
    : "only viewer { login } is known";
}

export function viewerAnswer(login: string | undefined): GithubAnswer {
  return login === undefined
    ? refusal(401, "Bad credentials")
    : { status: 200, body: { data: { viewer: { login } } } };
}
