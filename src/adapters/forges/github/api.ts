import type { Octokit } from "@octokit/rest";
import { EffectError } from "../../../core/model/errors.ts";
import {
  type GithubCall,
  type GithubWords,
  githubFailure,
  movedFailure,
} from "../../clients/github/failure.ts";
import { textOf, Unreadable } from "./answers.ts";
import type { RepositoryName } from "./repository.ts";

const PAGE = 100;
/** Pages that are read of one list: 30,000 entries, since closed issues stay for ever. */
const MOST_PAGES = 300;

const WORDS: GithubWords = {
  token: "the forge's token",
  page: "see the page on GitHub",
  url: "`forge.url` of the settings",
  moved: "write its new name into `forge.repository`: redirects are not followed",
  throttled: "the next run tries again; a GitHub App has a limit of its own",
  archived: "have the repository unarchived, or set `forge` to `none`",
  refused: "look at what GitHub says of it",
};

export interface Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the repository: `/issues/{issue_number}`. */
  readonly path: string;
  /** What it is for: `open an issue`. */
  readonly action: string;
  /** As GitHub's pages name it: `Issues: write`. */
  readonly permission: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Default: the forge's own. */
  readonly repository?: RepositoryName;
}

export interface Answered {
  readonly data: unknown;
  readonly header: (name: string) => string | undefined;
}

interface Target {
  readonly method: Asked["method"];
  readonly url: string;
  readonly baseUrl?: string;
}

/** REST has no such question that every kind of token may ask. */
const VIEWER: Asked = {
  method: "POST",
  path: "/graphql",
  action: "ask whose token it is",
  permission: "Metadata: read",
  fields: { query: "{ viewer { login } }" },
};

/** One repository's part of the API. Everything rejects with EffectError; nothing is followed or tried again. */
export interface GithubApi {
  readonly label: string;
  readonly repository: RepositoryName;
  /** The answer as `read` takes it; `read` throws Unreadable at what it cannot be. */
  ask<T>(asked: Asked, signal: AbortSignal, read: (answer: Answered) => T): Promise<T>;
  /** Undefined where GitHub shows nothing. */
  askMaybe<T>(asked: Asked, signal: AbortSignal, read: (answer: Answered) => T): Promise<T | undefined>;
  /** All pages of a list, in the order of the answers; `entries` finds the list in each. */
  list<T>(asked: Asked, signal: AbortSignal, entries: (data: unknown) => readonly T[]): Promise<readonly T[]>;
  /** Login of whose token it is. */
  viewer(signal: AbortSignal): Promise<string>;
}

export function githubApi(octokit: Octokit, label: string, repository: RepositoryName): GithubApi {
  const callFor = ({ action, permission }: Pick<Asked, "action" | "permission">): GithubCall => ({
    place: label,
    action,
    permission,
    words: WORDS,
    onlyItsOwn: true,
  });

  async function send(asked: Asked, signal: AbortSignal): Promise<Answered> {
    const call = callFor(asked);
    if (signal.aborted) throw interrupted(call);
    try {
      const answer: { status: number; data: unknown; headers: Record<string, string | number | undefined> } =
        await octokit.request({ ...targetOf(asked), request: { signal } });
      if (answer.status >= 300) throw movedFailure(answer.status, call);
      return {
        data: answer.data,
        header: (name) => {
          const value = answer.headers[name];
          return value === undefined ? undefined : String(value);
        },
      };
    } catch (error) {
      throw githubFailure(error, call);
    }
  }

  function targetOf(asked: Asked): Target {
    const { method, path, fields, repository: of = repository } = asked;
    // At GitHub Enterprise Server the two halves of the API lie side by side.
    const base = octokit.request.endpoint.DEFAULTS.baseUrl.replace(/\/v3$/, "");
    return asked === VIEWER
      ? { method, url: path, ...fields, baseUrl: base }
      : { method, url: `/repos/{owner}/{repo}${path}`, ...of, ...fields };
  }

  function readable<T>(asked: Asked, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof Unreadable) throw strange(label, asked, error);
      throw error;
    }
  }

  const api: GithubApi = {
    label,
    repository,
    ask: async (asked, signal, read) => {
      const answer = await send(asked, signal);
      return readable(asked, () => read(answer));
    },
    askMaybe: async (asked, signal, read) => {
      try {
        return await api.ask(asked, signal, read);
      } catch (error) {
        if (error instanceof EffectError && error.code === "not-found") return undefined;
        throw error;
      }
    },
    list: async <T>(asked: Asked, signal: AbortSignal, entries: (data: unknown) => readonly T[]) => {
      const found: T[] = [];
      let query: Readonly<Record<string, unknown>> = {};
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const answer = await send(
          { ...asked, fields: { ...asked.fields, per_page: PAGE, ...query } },
          signal,
        );
        found.push(...readable(asked, () => entries(answer.data)));
        const next = readable(asked, () => nextPage(answer.header("link")));
        if (next === undefined) return found;
        query = next;
      }
      throw new EffectError("refused", "too-many", `${label}: too many entries to ${asked.action}`, {
        evidence: `more than ${found.length}`,
        fix: "delete what is not needed there any more",
        retryable: false,
      });
    },
    viewer: async (signal) => api.ask(VIEWER, signal, ({ data }) => textOf(data, "data", "viewer", "login")),
  };
  return api;
}

/** What tells pages apart: by number, or by where the one before ended. */
const PAGE_FIELDS = new Set(["page", "after", "before"]);

/**
 * What the next page is asked for by. Nothing but these fields is taken of its address: whoever wrote the answer cannot
 * say where the token is sent, or what is asked.
 */
function nextPage(link: string | undefined): Readonly<Record<string, string>> | undefined {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];
  const url = next === undefined ? null : URL.parse(next, "https://api.github.com");
  if (url === null) return undefined;
  const fields = [...url.searchParams].filter(([name]) => PAGE_FIELDS.has(name));
  if (fields.length === 0) throw new Unreadable("number of the next page");
  return Object.fromEntries(fields);
}

function interrupted({ place, action }: GithubCall): EffectError {
  return new EffectError("refused", "interrupted", `${place}: interrupted before the runner could ${action}`);
}

function strange(label: string, { action, method }: Asked, { message }: Unreadable): EffectError {
  const happened = method === "GET" ? "" : ": whether it happened is not known";
  return new EffectError(
    "unknown",
    "answer-unreadable",
    `${label}: what came back when the runner tried to ${action} cannot be read${happened}`,
    {
      evidence: message === "" ? "it is no list" : `no ${message}`,
      fix: "check that `forge.url` is that of GitHub's API, such as https://github.example.com/api/v3",
    },
  );
}
