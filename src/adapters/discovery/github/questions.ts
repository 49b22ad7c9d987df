import type { Octokit } from "@octokit/rest";
import { EffectError } from "../../../core/model/errors.ts";
import { type GithubWords, githubFailure, movedFailure } from "../../clients/github/failure.ts";

const PAGE = 100;
/** GitHub allows 100 secrets in a place and some thousand repositories: whoever has more pages goes on for ever. */
const MOST_PAGES = 100;

const WORDS: GithubWords = {
  token: "the connection's token",
  page: "see the page on sources of discovery",
  url: "the url of the connection",
  moved: "write its new name into the settings: redirects are not followed",
  throttled: "the next look tries again; give this connection a token of its own if it happens often",
  archived: "take it out of the source",
  refused: "compare the source with what GitHub has",
};

export interface ListAsked {
  /** `GET /repos/{owner}/{repo}/actions/secrets`. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The field of the answer that has the list; absent: the answer is the list. */
  readonly field?: string;
  /** For people: `acme/orders`. */
  readonly place: string;
  readonly action: string;
  readonly permission: string;
}

export type Item = Readonly<Record<string, unknown>>;

/** Everything of a list, page after page. Rejects with an EffectError. */
export type AskList = (asked: ListAsked, signal: AbortSignal) => Promise<readonly Item[]>;

export function questionsTo(octokit: Octokit): AskList {
  return async ({ route, parameters, field, ...call }, signal) => {
    const items: Item[] = [];
    const told = { ...call, words: WORDS };
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      let list: readonly Item[];
      try {
        signal.throwIfAborted();
        const { status, data }: { status: number; data: unknown } = await octokit.request(route, {
          ...parameters,
          per_page: PAGE,
          page,
          request: { signal },
        });
        if (status >= 300) throw movedFailure(status, told);
        list = listIn(data, field);
      } catch (error) {
        signal.throwIfAborted();
        throw githubFailure(error, told);
      }
      items.push(...list);
      if (list.length < PAGE) return items;
    }
    throw new EffectError(
      "refused",
      "too-many-pages",
      `${call.place}: GitHub shows more than ${MOST_PAGES} pages`,
      {
        fix: "look whether the url of the connection is that of GitHub's API",
        retryable: false,
      },
    );
  };
}

function listIn(data: unknown, field: string | undefined): readonly Item[] {
  // `as`: neither null nor a primitive.
  const holder = typeof data === "object" && data !== null ? (data as Item) : {};
  const list = field === undefined ? data : holder[field];
  return Array.isArray(list) ? list.filter((item) => typeof item === "object" && item !== null) : [];
}
