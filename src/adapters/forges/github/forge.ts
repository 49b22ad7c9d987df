import type { SettingsSpec } from "../../../core/documents/settings.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { Forge } from "../../../core/ports/forge.ts";
import type { LocalSecretSource } from "../../../core/ports/runtime.ts";
import { githubClient } from "../../clients/github/octokit.ts";
import { textOf } from "./answers.ts";
import { type Asked, githubApi } from "./api.ts";
import { changeOf } from "./changes.ts";
import { githubComments } from "./comments.ts";
import { fileAt } from "./files.ts";
import { githubIssues } from "./issues.ts";
import { githubProposals } from "./proposals.ts";
import { remembered } from "./remembered.ts";
import { locate, type WhereItIs } from "./repository.ts";
import { expiryOf } from "./token-expiry.ts";
import { githubWorkflows } from "./workflows.ts";

export interface GithubForgePorts extends Pick<WhereItIs, "env" | "remoteUrl"> {
  readonly secrets: LocalSecretSource;
  /** A file of the repository at the commit of the settings. */
  readonly readFile: (path: string) => Promise<Uint8Array | undefined>;
  readonly warn: (message: string) => void;
}

/** Bytes: a page of a hundred issues whose texts are as long as GitHub takes them. */
const LARGEST_ANSWER = 32 * 1024 * 1024;
const TOKEN = { env: "GITHUB_TOKEN" } as const;

/** GitHub as the place where people meet the repository. No network before the first call. */
export async function githubForge(
  spec: NonNullable<SettingsSpec["forge"]>,
  ports: GithubForgePorts,
): Promise<Forge> {
  const { env, remoteUrl, secrets } = ports;
  const {
    owner,
    repo,
    api: url,
    web,
  } = await locate({
    repository: spec.repository,
    url: spec.url,
    env,
    remoteUrl,
  });
  const token = spec.token ?? TOKEN;
  if (spec.token === undefined && !secrets.present(TOKEN)) throw tokenMissing();
  const label = `${new URL(web).host}/${owner}/${repo}`;
  const ca = spec.ca === undefined ? undefined : await bundle(spec.ca, ports);
  const octokit = await githubClient({ url, token }, ca, secrets, LARGEST_ANSWER);
  const api = githubApi(octokit, label, { owner, repo });

  const repository: Asked = {
    method: "GET",
    path: "",
    action: "look at the repository",
    permission: "Metadata: read",
  };
  const defaultBranch = remembered(async (signal) =>
    api.ask(repository, signal, ({ data }) => textOf(data, "default_branch")),
  );
  const login = remembered(async (signal) => api.viewer(signal));
  return {
    label,
    login,
    fileUrl: (path, line) => {
      const file = path.split("/").map(encodeURIComponent).join("/");
      return `${web}/${owner}/${repo}/blob/HEAD/${file}${line === undefined ? "" : `#L${line}`}`;
    },
    issueUrl: (number) => `${web}/${owner}/${repo}/issues/${number}`,
    ...githubIssues(api, ports.warn),
    ...githubComments(api, login),
    changeOf: async (commit, signal) => changeOf(api, commit, await defaultBranch(signal), signal),
    fileAt: async (commit, path, signal) => fileAt(api, commit, path, signal),
    propose: githubProposals(api, { login, defaultBranch }),
    ...githubWorkflows(api, defaultBranch),
    tokenExpiry: async (signal) =>
      api.ask(repository, signal, ({ data, header }) => {
        // Of an answer that is not GitHub's own nothing counts, its headers neither.
        textOf(data, "default_branch");
        return expiryOf(header("github-authentication-token-expiration"));
      }),
  };
}

function tokenMissing(): CreError {
  return new CreError("forge-token-missing", "the runner has no token for GitHub", {
    evidence: "`forge.token` is not set, and there is no variable GITHUB_TOKEN",
    fix: "give the runner GITHUB_TOKEN (in a workflow: `env: { GITHUB_TOKEN: ${{ github.token }} }`), or name a token in `forge.token`",
  });
}

async function bundle(path: string, { readFile }: GithubForgePorts): Promise<string> {
  const bytes = await readFile(path);
  if (bytes !== undefined) return Buffer.from(bytes).toString("utf8");
  throw new CreError("forge-ca-missing", `the CA bundle ${path} is not in the repository`, {
    fix: "commit it, or correct `forge.ca` in the settings",
  });
}
