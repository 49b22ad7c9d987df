import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A PostgreSQL server that somebody else started for the tests. */
export interface ExternalPostgres {
  /** Host and port: what a person may see of the URL. */
  readonly name: string;
  /** Of a superuser, who makes databases and roles with names of their own. */
  readonly url: string;
}

/** An SSH server that sees our temporary folder at the same path. */
export interface ExternalGitSsh {
  readonly host: string;
  readonly port: number;
  readonly userKey: string;
  /** The text of the server's public key, without its comment. */
  readonly hostKey: string;
}

/**
 * The servers of `CRE_TEST_POSTGRESQL_URLS`, separated by commas. Only loopback: a test makes and drops roles, which a
 * real server must never see.
 */
export function externalPostgres(env: NodeJS.ProcessEnv = process.env): readonly ExternalPostgres[] {
  return (env["CRE_TEST_POSTGRESQL_URLS"] ?? "")
    .split(",")
    .map((url) => url.trim())
    .filter((url) => url !== "")
    .map((url) => {
      const parsed = URL.canParse(url) ? new URL(url) : undefined;
      if (parsed?.protocol !== "postgresql:" || parsed.username === "" || parsed.password === "") {
        throw new Error(
          "CRE_TEST_POSTGRESQL_URLS holds something that is no postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
        );
      }
      refuseOthers("CRE_TEST_POSTGRESQL_URLS", parsed.hostname);
      return { name: parsed.host, url };
    });
}

/** The server of `CRE_TEST_GIT_SSH` (`host:port`) with the keys in `CRE_TEST_GIT_SSH_KEYS`, or undefined. */
export function externalGitSsh(env: NodeJS.ProcessEnv = process.env): ExternalGitSsh | undefined {
  const address = env["CRE_TEST_GIT_SSH"] ?? "";
  if (address === "") return undefined;
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(address) ?? [];
  if (host === "") throw new Error(`CRE_TEST_GIT_SSH must be host:port, not ${address}`);
  refuseOthers("CRE_TEST_GIT_SSH", host);
  const keys = resolve(env["CRE_TEST_GIT_SSH_KEYS"] ?? "test-results/git-ssh");
  const hostKey = readFileSync(join(keys, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  return { host, port: Number(port), userKey: join(keys, "user"), hostKey };
}

function refuseOthers(variable: string, host: string): void {
  if (!["127.0.0.1", "localhost", "[::1]", "::1"].includes(host)) {
    throw new Error(`${variable} names ${host}: tests run against servers of this machine only`);
  }
}
