import type { ReviewedChange } from "../../../core/ports/forge.ts";
import { instantOrNothing, loginIn, maybeText, numberOf, textOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";
import type { RepositoryName } from "./repository.ts";

/** A pull request as far as a commit's way needs it. */
export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly author: string;
  readonly head: string;
  readonly branch: string;
  /** Repository of its branch; undefined: it is gone. */
  readonly from: RepositoryName | undefined;
  readonly openedAt: string;
  readonly mergedAt: ReviewedChange["mergedAt"];
  readonly mergedBy: string | undefined;
  readonly mergeCommit: string | undefined;
  /** Commits that it has; GitHub lists 250 of them. */
  readonly size: number;
}

export async function pullAt(api: GithubApi, number: number, signal: AbortSignal): Promise<Pull> {
  const asked: Asked = {
    method: "GET",
    path: "/pulls/{pull_number}",
    action: `read the pull request #${number}`,
    permission: "Pull requests: read",
    fields: { pull_number: number },
  };
  return api.ask(asked, signal, ({ data }) => ({
    number: numberOf(data, "number"),
    url: textOf(data, "html_url"),
    author: loginIn(data, "user"),
    head: textOf(data, "head", "sha"),
    branch: textOf(data, "head", "ref"),
    from: nameIn(data),
    openedAt: textOf(data, "created_at"),
    mergedAt: instantOrNothing(data, "merged_at"),
    mergedBy: maybeText(data, "merged_by", "login"),
    mergeCommit: maybeText(data, "merge_commit_sha"),
    size: numberOf(data, "commits"),
  }));
}

function nameIn(data: unknown): Pull["from"] {
  const [owner, repo] = (maybeText(data, "head", "repo", "full_name") ?? "").split("/");
  return owner === undefined || repo === undefined ? undefined : { owner, repo };
}
