import type { Review } from "../../../core/ports/forge.ts";
import { instantOrNothing, listOf, loginIn, maybeText, textOf, Unreadable } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";

const STATES: Readonly<Record<string, Review["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  COMMENTED: "commented",
  DISMISSED: "dismissed",
};

/** All reviews that were handed in, in their order. */
export async function reviewsOf(
  api: GithubApi,
  number: number,
  signal: AbortSignal,
): Promise<readonly Review[]> {
  const asked: Asked = {
    method: "GET",
    path: "/pulls/{pull_number}/reviews",
    action: `list the reviews of the pull request #${number}`,
    permission: "Pull requests: read",
    fields: { pull_number: number },
  };
  return api.list(asked, signal, (data) => listOf(data).flatMap((one) => reviewOf(one)));
}

function reviewOf(data: unknown): readonly Review[] {
  // One that its author has not handed in yet is shown to nobody else.
  if (textOf(data, "state") === "PENDING") return [];
  const state = STATES[textOf(data, "state")];
  const at = instantOrNothing(data, "submitted_at");
  if (state === undefined || at === undefined) throw new Unreadable("state");
  // Of a commit that is gone nobody knows what was looked at.
  return [{ by: loginIn(data, "user"), state, commit: maybeText(data, "commit_id") ?? "", at }];
}
