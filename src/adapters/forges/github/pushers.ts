import { EffectError } from "../../../core/model/errors.ts";
import { listOf, maybeText, textOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";
import type { Pull } from "./pull.ts";

interface Activity {
  readonly at: string;
  readonly kind: string;
  readonly by: string | undefined;
}

const OF_PEOPLE = new Set(["push", "force_push", "branch_creation"]);

/**
 * Who pushed to the branch of a pull request until it was merged; undefined: GitHub does not say (the repository is
 * gone, or the token may not read it). An account that is gone is undefined in the list.
 */
export async function pushersOf(
  api: GithubApi,
  { number, branch, from, openedAt, mergedAt }: Pull,
  signal: AbortSignal,
): Promise<readonly (string | undefined)[] | undefined> {
  if (from === undefined) return undefined;
  const asked: Asked = {
    method: "GET",
    path: "/activity",
    action: `list the pushes to the branch of #${number}`,
    permission: "Contents: read",
    fields: { ref: `refs/heads/${branch}`, direction: "desc" },
    repository: from,
  };
  try {
    const found = await api.list(asked, signal, (data) =>
      listOf(data).map(
        (one): Activity => ({
          at: textOf(one, "timestamp"),
          kind: textOf(one, "activity_type"),
          by: maybeText(one, "actor", "login"),
        }),
      ),
    );
    const until = found.filter(({ at }) => mergedAt === undefined || Date.parse(at) <= Date.parse(mergedAt));
    // An earlier branch of the same name is another's work.
    const start = until.findIndex(
      ({ at, kind }) => kind === "branch_creation" && Date.parse(at) <= Date.parse(openedAt),
    );
    const own = start === -1 ? until : until.slice(0, start + 1);
    return own.filter(({ kind }) => OF_PEOPLE.has(kind)).map(({ by }) => by);
  } catch (error) {
    const isHidden =
      error instanceof EffectError && ["permission-missing", "not-found", "moved"].includes(error.code);
    if (isHidden) return undefined;
    throw error;
  }
}
