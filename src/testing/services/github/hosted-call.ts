import { type GithubAnswer, NOT_FOUND } from "./answer.ts";
import type { HostedRepository, StoredIssue, StoredPull } from "./hosted-repository.ts";
import { type Shelf, shownCommit } from "./shown.ts";

/** A request about a repository that people work in, by somebody who may make it. */
export interface HostedCall extends Shelf {
  readonly parameters: Readonly<Record<string, string>>;
  readonly address: URL;
  readonly body: unknown;
  /** Login of who asks. */
  readonly login: string;
}

export type HostedAnswers = Readonly<
  Record<string, (call: HostedCall) => GithubAnswer | Promise<GithubAnswer>>
>;

function issueIn({ repository, parameters }: HostedCall): StoredIssue | undefined {
  return repository.issues[Number(parameters["issue_number"]) - 1];
}

function pullIn({ repository, parameters }: HostedCall): StoredPull | undefined {
  return repository.pulls.find(({ number }) => number === Number(parameters["pull_number"]));
}

export async function commitsShown(
  repository: HostedRepository,
  shas: readonly string[],
): Promise<readonly object[]> {
  const commits = await repository.git.commits(shas);
  return commits.map((commit) => shownCommit(repository, commit));
}

export async function withIssue(
  call: HostedCall,
  then: (issue: StoredIssue) => GithubAnswer | Promise<GithubAnswer>,
): Promise<GithubAnswer> {
  const issue = issueIn(call);
  return issue === undefined ? NOT_FOUND : then(issue);
}

export async function withPull(
  call: HostedCall,
  then: (pull: StoredPull) => GithubAnswer | Promise<GithubAnswer>,
): Promise<GithubAnswer> {
  const pull = pullIn(call);
  return pull === undefined ? NOT_FOUND : then(pull);
}
