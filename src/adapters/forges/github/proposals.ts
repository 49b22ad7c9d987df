import { EffectError } from "../../../core/model/errors.ts";
import type { Forge, Proposal } from "../../../core/ports/forge.ts";
import { listOf, loginIn, maybeText, numberOf, textOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";
import { fileAt } from "./files.ts";
import { keptLabels } from "./labels.ts";

type Proposed = Awaited<ReturnType<Forge["propose"]>>;

/** In the commit of every proposal: with a person's own token the author alone does not tell whose work it is. */
const TRAILER = "Proposed-by: credential-rotation-enforcer";

interface Surroundings {
  login(signal: AbortSignal): Promise<string>;
  defaultBranch(signal: AbortSignal): Promise<string>;
}

/**
 * Branch, file, pull request, labels: each step looks first whether it was done already, so that a run that died
 * between two of them is gone on with. A branch that has people's work in it is theirs: its file is left alone.
 */
export function githubProposals(api: GithubApi, around: Surroundings): Forge["propose"] {
  const ensureLabels = keptLabels(api);
  return async (proposal, signal) => {
    const known = await pullOf(api, proposal, signal);
    if (known !== undefined && known.state !== "open") return shown(known);
    const base = await around.defaultBranch(signal);
    await ensureBranch(api, proposal, base, signal);
    await ensureFile(api, proposal, { base, login: await around.login(signal) }, signal);
    const pull = known ?? (await openPull(api, proposal, base, signal));
    const missing = proposal.labels.filter((label) => !pull.labels.includes(label));
    if (missing.length > 0) {
      await ensureLabels(missing, signal);
      const asked: Asked = {
        method: "POST",
        path: "/issues/{issue_number}/labels",
        action: `label the pull request #${pull.number}`,
        permission: "Pull requests: write",
        fields: { issue_number: pull.number, labels: missing },
      };
      await api.ask(asked, signal, ({ data }) => listOf(data));
    }
    return shown(pull);
  };
}

interface Pull extends Proposed {
  readonly labels: readonly string[];
}

function shown({ number, url, state }: Pull): Proposed {
  return { number, url, state };
}

/** The open one of the branch, else the newest. */
async function pullOf(api: GithubApi, { branch }: Proposal, signal: AbortSignal): Promise<Pull | undefined> {
  const asked: Asked = {
    method: "GET",
    path: "/pulls",
    action: `look for a pull request from ${branch}`,
    permission: "Pull requests: read",
    fields: { head: `${api.repository.owner}:${branch}`, state: "all", sort: "created", direction: "desc" },
  };
  const found = await api.list(asked, signal, (data) =>
    // What GitHub does not understand of `head` it leaves out, and then lists all.
    listOf(data).flatMap((one) => (isFrom(api, one, branch) ? [pullIn(one)] : [])),
  );
  return found.find(({ state }) => state === "open") ?? found[0];
}

function isFrom({ repository }: GithubApi, data: unknown, branch: string): boolean {
  const name = maybeText(data, "head", "repo", "full_name")?.toLowerCase();
  const own = `${repository.owner}/${repository.repo}`.toLowerCase();
  // The repository of a fork may be gone; ours is there.
  return textOf(data, "head", "ref") === branch && name === own;
}

function pullIn(data: unknown): Pull {
  const isMerged = maybeText(data, "merged_at") !== undefined;
  return {
    number: numberOf(data, "number"),
    url: textOf(data, "html_url"),
    state: isMerged ? "merged" : textOf(data, "state") === "open" ? "open" : "closed",
    labels: listOf(data, "labels").map((label) => textOf(label, "name")),
  };
}

async function ensureBranch(
  api: GithubApi,
  { branch }: Proposal,
  base: string,
  signal: AbortSignal,
): Promise<void> {
  const tip = async (name: string): Promise<string | undefined> => {
    const asked: Asked = {
      method: "GET",
      path: "/git/ref/{ref}",
      action: `look at the branch ${name}`,
      permission: "Contents: read",
      fields: { ref: `heads/${name}` },
    };
    return api.askMaybe(asked, signal, ({ data }) => textOf(data, "object", "sha"));
  };
  if ((await tip(branch)) !== undefined) return;
  const sha = await tip(base);
  if (sha === undefined) {
    throw new EffectError("refused", "not-found", `${api.label}: the branch ${base} is not shown`, {
      fix: 'give the token the permission "Contents: read"',
      retryable: false,
    });
  }
  const asked: Asked = {
    method: "POST",
    path: "/git/refs",
    action: `make the branch ${branch}`,
    permission: "Contents: write",
    fields: { ref: `refs/heads/${branch}`, sha },
  };
  try {
    await api.ask(asked, signal, ({ data }) => textOf(data, "ref"));
  } catch (error) {
    if (!isRefusal(error, /already exists/i)) throw error;
  }
}

async function ensureFile(
  api: GithubApi,
  { branch, path, content, title }: Proposal,
  { base, login }: { readonly base: string; readonly login: string },
  signal: AbortSignal,
): Promise<void> {
  const before = await fileAt(api, branch, path, signal);
  if (before?.text === content || (await hasPeoplesWork(api, base, branch, login, signal))) return;
  const asked: Asked = {
    method: "PUT",
    path: "/contents/{path}",
    action: `write ${path} to the branch ${branch}`,
    permission: "Contents: write",
    fields: {
      path,
      branch,
      message: `${title}\n\n${TRAILER}`,
      content: Buffer.from(content).toString("base64"),
      ...(before === undefined ? {} : { sha: before.blob }),
    },
  };
  await api.ask(asked, signal, ({ data }) => textOf(data, "commit", "sha"));
}

/** Whether the branch has commits beyond the default branch that are not the runner's own. */
async function hasPeoplesWork(
  api: GithubApi,
  base: string,
  branch: string,
  login: string,
  signal: AbortSignal,
): Promise<boolean> {
  const asked: Asked = {
    method: "GET",
    path: "/compare/{basehead}",
    action: `compare the branch ${branch} with ${base}`,
    permission: "Contents: read",
    fields: { basehead: `${base}...${branch}`, per_page: 100 },
  };
  return api.ask(asked, signal, ({ data }) => {
    const commits = listOf(data, "commits");
    return (
      numberOf(data, "total_commits") > commits.length || !commits.every((commit) => isOwn(commit, login))
    );
  });
}

function isOwn(commit: unknown, login: string): boolean {
  return loginIn(commit, "author") === login && textOf(commit, "commit", "message").includes(TRAILER);
}

async function openPull(
  api: GithubApi,
  proposal: Proposal,
  base: string,
  signal: AbortSignal,
): Promise<Pull> {
  const { branch, title, body } = proposal;
  const asked: Asked = {
    method: "POST",
    path: "/pulls",
    action: `open a pull request from ${branch}`,
    permission: "Pull requests: write",
    fields: { title, body, head: branch, base },
  };
  try {
    return await api.ask(asked, signal, ({ data }) => pullIn(data));
  } catch (error) {
    const there = isRefusal(error, /already exists/i) ? await pullOf(api, proposal, signal) : undefined;
    if (there === undefined) throw error;
    return there;
  }
}

function isRefusal(error: unknown, words: RegExp): boolean {
  return error instanceof EffectError && error.outcome === "refused" && words.test(error.evidence ?? "");
}
