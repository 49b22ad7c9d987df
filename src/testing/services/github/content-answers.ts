import { basename } from "node:path";
import { type GithubAnswer, invalid, NOT_FOUND, paged, refusal } from "./answer.ts";
import { commitsShown, type HostedAnswers, type HostedCall } from "./hosted-call.ts";
import { DEFAULT_BRANCH, type HostedRepository, personAt, webFlowAt } from "./hosted-repository.ts";
import { pageOf, shownCommit } from "./shown.ts";

/** Bytes; a larger file is shown without its content. */
const LARGEST_SHOWN = 1024 * 1024;

/** What GitHub answers about files, commits and branches. */
export const CONTENT_ANSWERS: HostedAnswers = {
  "GET /repos/{owner}/{repo}/contents/{path}": async ({ repository, parameters, address }) => {
    const revision = address.searchParams.get("ref") ?? DEFAULT_BRANCH;
    const commit = await resolved(repository, revision);
    if (commit === undefined) return refusal(404, `No commit found for the ref ${revision}`);
    const path = parameters["path"] ?? "";
    const file = await repository.git.fileAt(commit, path);
    if (file?.kind !== "blob") return file === undefined ? NOT_FOUND : { status: 200, body: [] };
    const bytes = await repository.git.blob(file.sha);
    const isShown = bytes.length <= LARGEST_SHOWN;
    const content = {
      ...shownFile(repository, path, file.sha, bytes.length),
      encoding: isShown ? "base64" : "none",
      content: isShown ? lines(bytes.toString("base64")) : "",
    };
    return { status: 200, body: content };
  },
  "PUT /repos/{owner}/{repo}/contents/{path}": putContent,
  "GET /repos/{owner}/{repo}/git/blobs/{file_sha}": async ({ repository, parameters }) => {
    const sha = parameters["file_sha"] ?? "";
    try {
      const bytes = await repository.git.blob(sha);
      const url = `https://api.github.com/repos/${repository.name}/git/blobs/${sha}`;
      const content = lines(bytes.toString("base64"));
      return {
        status: 200,
        body: { sha, url, node_id: "B_1", size: bytes.length, encoding: "base64", content },
      };
    } catch {
      return NOT_FOUND;
    }
  },
  "GET /repos/{owner}/{repo}/git/ref/{ref}": async ({ repository, parameters }) => {
    const ref = `refs/${parameters["ref"]}`;
    const sha = await repository.git.commitOf(ref);
    return sha === undefined ? NOT_FOUND : { status: 200, body: shownRef(repository, ref, sha) };
  },
  "POST /repos/{owner}/{repo}/git/refs": async ({ repository, body, login }) => {
    // `as`: the description was checked before.
    const { ref, sha } = body as { ref: string; sha: string };
    if ((await repository.git.commitOf(sha)) === undefined) return invalid("Object does not exist");
    if ((await repository.git.commitOf(ref)) !== undefined) return refusal(422, "Reference already exists");
    await repository.git.git("update-ref", ref, sha);
    const [before, id] = ["0".repeat(40), repository.nextId()];
    const at = repository.now();
    repository.activities.push({ id, ref, before, after: sha, at, actor: login, type: "branch_creation" });
    return { status: 201, body: shownRef(repository, ref, sha) };
  },
  "GET /repos/{owner}/{repo}/commits": async ({ repository, address }) => {
    const from = await resolved(repository, address.searchParams.get("sha") ?? DEFAULT_BRANCH);
    if (from === undefined) return NOT_FOUND;
    const commits = await repository.git.log(from);
    return paged(
      commits.map((commit) => shownCommit(repository, commit)),
      address,
    );
  },
  "GET /repos/{owner}/{repo}/commits/{ref}": async ({ repository, parameters }) => {
    const commit = await resolved(repository, parameters["ref"] ?? "");
    if (commit === undefined) return refusal(422, `No commit found for SHA: ${parameters["ref"]}`);
    return { status: 200, body: (await commitsShown(repository, [commit]))[0] };
  },
  "GET /repos/{owner}/{repo}/compare/{basehead}": async ({ repository, parameters, address }) => {
    const [base = "", head = ""] = (parameters["basehead"] ?? "").split("...");
    const [from, to] = [await resolved(repository, base), await resolved(repository, head)];
    if (from === undefined || to === undefined) return NOT_FOUND;
    const { git } = repository;
    const sides = (await git.git("rev-list", "--reverse", "--left-right", `${from}...${to}`)).split("\n");
    const ahead = sides.filter((side) => side.startsWith(">")).map((side) => side.slice(1));
    const behind = sides.filter((side) => side.startsWith("<")).length;
    const page = paged(await commitsShown(repository, ahead), address);
    const start = await commitsShown(repository, [from]);
    const url = `${pageOf(repository)}/compare/${base}...${head}`;
    const body = {
      url,
      html_url: url,
      permalink_url: url,
      diff_url: `${url}.diff`,
      patch_url: `${url}.patch`,
      base_commit: start[0],
      merge_base_commit: start[0],
      status:
        ahead.length === 0 ? (behind === 0 ? "identical" : "behind") : behind === 0 ? "ahead" : "diverged",
      ahead_by: ahead.length,
      behind_by: behind,
      total_commits: ahead.length,
      commits: page.body,
      files: [],
    };
    return { ...page, body };
  },
};

async function putContent({ repository, parameters, body, login }: HostedCall): Promise<GithubAnswer> {
  // `as`: the description was checked before.
  const sent = body as { message: string; content: string; branch?: string; sha?: string };
  const { branch = DEFAULT_BRANCH, message } = sent;
  const path = parameters["path"] ?? "";
  const tip = await repository.git.commitOf(`refs/heads/${branch}`);
  if (tip === undefined) return refusal(404, `Branch ${branch} not found`);
  const before = await repository.git.fileAt(tip, path);
  if (before !== undefined && sent.sha === undefined) return invalid(`"sha" wasn't supplied.`);
  if (before?.sha !== sent.sha) return refusal(409, `${path} does not match ${sent.sha}`);
  const bytes = Buffer.from(sent.content, "base64");
  const at = repository.now();
  const commit = await repository.git.commit({
    branch,
    files: { [path]: bytes.toString("utf8") },
    message,
    author: personAt(login, at),
    committer: webFlowAt(at),
  });
  repository.signed.add(commit);
  const id = repository.nextId();
  const ref = `refs/heads/${branch}`;
  repository.activities.push({ id, ref, before: tip, after: commit, at, actor: login, type: "push" });
  const file = await repository.git.fileAt(commit, path);
  const content = shownFile(repository, path, file?.sha ?? "", bytes.length);
  return { status: before === undefined ? 201 : 200, body: { content, commit: { sha: commit, message } } };
}

async function resolved({ git }: HostedRepository, revision: string): Promise<string | undefined> {
  const isId = /^[0-9a-f]{40}$/.test(revision);
  return (isId ? undefined : await git.commitOf(`refs/heads/${revision}`)) ?? git.commitOf(revision);
}

function shownFile(repository: HostedRepository, path: string, sha: string, size: number): object {
  const url = `https://api.github.com/repos/${repository.name}/contents/${path}`;
  const page = `${pageOf(repository)}/blob/${DEFAULT_BRANCH}/${path}`;
  const git = `https://api.github.com/repos/${repository.name}/git/blobs/${sha}`;
  return {
    type: "file",
    size,
    name: basename(path),
    path,
    sha,
    url,
    git_url: git,
    html_url: page,
    download_url: `https://raw.githubusercontent.com/${repository.name}/${DEFAULT_BRANCH}/${path}`,
    _links: { self: url, git, html: page },
  };
}

function shownRef(repository: HostedRepository, ref: string, sha: string): object {
  const base = `https://api.github.com/repos/${repository.name}/git`;
  return {
    ref,
    node_id: "REF_1",
    url: `${base}/${ref}`,
    object: { type: "commit", sha, url: `${base}/commits/${sha}` },
  };
}

/** GitHub breaks base64 into lines. */
function lines(text: string): string {
  return text.replaceAll(/.{60}/g, "$&\n");
}
