import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GithubAnswer, NOT_FOUND } from "./answer.ts";
import { openBareRepository } from "./bare-repository.ts";
import { CONTENT_ANSWERS } from "./content-answers.ts";
import type { Operation } from "./description.ts";
import type { HostedAnswers } from "./hosted-call.ts";
import { DEFAULT_BRANCH, type HostedRepository, newRepository, personAt } from "./hosted-repository.ts";
import { ISSUE_ANSWERS } from "./issue-answers.ts";
import { PULL_ANSWERS } from "./pull-answers.ts";
import { shownRepository } from "./shown.ts";
import { WORKFLOW_ANSWERS } from "./workflow-answers.ts";

const REPOSITORY = "GET /repos/{owner}/{repo}";

const ANSWERS: HostedAnswers = {
  [REPOSITORY]: (call) => ({ status: 200, body: shownRepository(call) }),
  ...ISSUE_ANSWERS,
  ...PULL_ANSWERS,
  ...CONTENT_ANSWERS,
  ...WORKFLOW_ANSWERS,
};

export interface HostOptions {
  /** A bare git repository that exists; default: a new one whose `main` has one commit with these files. */
  readonly bare?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** Repositories that people work in. */
export interface Hosting {
  host(name: string, options?: HostOptions): Promise<HostedRepository>;
  find(name: string): HostedRepository | undefined;
  /** undefined: it is about something else. */
  answer(
    operation: Operation,
    request: {
      readonly address: URL;
      readonly body: unknown;
      readonly login: string;
      readonly description: Readonly<Record<string, unknown>>;
    },
  ): Promise<GithubAnswer> | undefined;
  dispose(): Promise<void>;
}

export function startHosting(now: () => number): Hosting {
  const hosted = new Map<string, HostedRepository>();
  const folders: string[] = [];
  return {
    host: async (name, { bare, files = { "README.md": "# Credentials\n" } } = {}) => {
      let path = bare;
      if (path === undefined) {
        path = await mkdtemp(join(tmpdir(), "cre-github-"));
        folders.push(path);
      }
      const repository = newRepository(name, openBareRepository(path), now);
      hosted.set(name, repository);
      if (bare !== undefined) return repository;
      await repository.git.git("init", "--quiet", "--bare", "--template=", "-b", DEFAULT_BRANCH, path);
      const author = personAt("alice", now());
      const first = { branch: DEFAULT_BRANCH, files, message: "first documents", author, committer: author };
      await repository.git.commit(first);
      return repository;
    },
    find: (name) => hosted.get(name),
    answer: ({ route, parameters }, request) => {
      const { owner, repo } = parameters;
      const repository = hosted.get(`${owner}/${repo}`);
      const answer = ANSWERS[route];
      if (answer === undefined || (repository === undefined && route === REPOSITORY)) return undefined;
      if (repository === undefined) return Promise.resolve(NOT_FOUND);
      return Promise.resolve(answer({ repository, parameters, ...request }));
    },
    dispose: async () => {
      for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
