import { CreError } from "../../../core/model/errors.ts";
import { loopbackOrTls } from "../../clients/http/server-url.ts";

export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

/** What says where the repository is, in the order of precedence. */
export interface WhereItIs {
  /** Of the settings. */
  readonly repository: string | undefined;
  readonly url: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Address of the git remote. It may have a login in it, and is never told. */
  remoteUrl(): Promise<string | undefined>;
}

export interface Located extends RepositoryName {
  /** Address of the API, without a slash at its end. */
  readonly api: string;
  /** Address of the web pages, without a slash at its end. */
  readonly web: string;
}

const API = "https://api.github.com";
const NAME = /^([A-Za-z0-9][A-Za-z0-9-]{0,38})\/([A-Za-z0-9._-]{1,100})$/;

/** Finds the repository and the API. Rejects with a CreError that says what to write where. */
export async function locate(where: WhereItIs): Promise<Located> {
  const { env } = where;
  const said = where.repository ?? nonEmpty(env["GITHUB_REPOSITORY"]);
  const remote = said === undefined ? remoteName(await where.remoteUrl()) : undefined;
  const name = NAME.exec(said ?? remote?.name ?? "");
  const [, owner, repo] = name ?? [];
  if (owner === undefined || repo === undefined || /^\.\.?$/.test(repo)) {
    throw new CreError("forge-repository", "it is not known which repository at GitHub this is", {
      fix: "write `forge.repository: owner/name` into the settings",
    });
  }
  const api = where.url ?? nonEmpty(env["GITHUB_API_URL"]) ?? apiOf(remote?.host ?? "github.com");
  const url = loopbackOrTls(api);
  if (url === undefined) {
    throw new CreError("forge-url", "the address of GitHub's API is no https URL without a login", {
      fix: "write `forge.url: https://github.example.com/api/v3` into the settings, or remove it for github.com",
    });
  }
  return { owner, repo, api: api.replace(/\/+$/, ""), web: webOf(url) };
}

/** Host and `owner/name` of a git remote, of https and both forms of ssh. */
export function remoteName(
  url: string | undefined,
): { readonly host: string; readonly name: string } | undefined {
  if (url === undefined) return undefined;
  const short = /^(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!\/)(.+)$/.exec(url);
  const parsed = short === null ? URL.parse(url) : null;
  const host = short?.[1] ?? parsed?.hostname ?? "";
  const path = short?.[2] ?? parsed?.pathname ?? "";
  const name = path
    .replace(/^\/+/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
  return host === "" || !NAME.test(name) ? undefined : { host: host.toLowerCase(), name };
}

/** The token goes only where a person said: of another host than github.com the address is to be written down. */
function apiOf(host: string): string {
  if (host === "github.com" || host === "ssh.github.com") return API;
  throw new CreError("forge-url", `the git remote is at ${host}, and it is not known where its API is`, {
    fix: "write `forge.url` into the settings, such as https://github.example.com/api/v3",
  });
}

function webOf(api: URL): string {
  if (api.hostname === "api.github.com") return "https://github.com";
  if (/^api\..+\.ghe\.com$/.test(api.hostname)) return `https://${api.hostname.slice("api.".length)}`;
  return api.origin;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
