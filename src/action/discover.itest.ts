import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Instant, instantOf } from "../core/model/instant.ts";
import { servedSettings } from "../testing/discovery/served-settings.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";
import {
  GITHUB_LOGIN,
  GITHUB_TOKEN,
  type GithubService,
  startGithub,
} from "../testing/services/github/github-service.ts";
import type { HostedRepository } from "../testing/services/github/hosted-repository.ts";
import { forge } from "../testing/services/tls/certificate-forge.ts";
import { type TlsServers, tlsServers } from "../testing/services/tls/tls-servers.ts";
import { discover } from "./discover.ts";
import { hiddenTexts } from "./hidden-texts.ts";
import type { Outcome } from "./outcome.ts";

const NAME = "acme/credentials";
const NOW = instantOf(Date.now() / 1000);
const THIS_MONTH = NOW.slice(0, 7);

let servers: TlsServers;
let github: GithubService;
let repository: ScratchRepository;
let hosted: HostedRepository;
/** Two endpoints that nobody registered. */
const ports: number[] = [];

beforeAll(async () => {
  servers = tlsServers();
  for (const cn of ["forgotten", "another"]) {
    ports.push(await servers.serve([forge({ cn, names: ["127.0.0.1"], to: 90 })]));
  }
});
afterAll(async () => servers.close());

beforeEach(async () => {
  repository = await createScratchRepository({
    "policies/settings.yaml": settings(ports.slice(0, 1)),
    CODEOWNERS: "* @acme/web\n",
  });
  github = await startGithub();
  hosted = await github.host(NAME, { bare: repository.path });
  return async () => {
    await github.close();
    await repository.dispose();
  };
});

function settings(endpoints: readonly number[]): string {
  return servedSettings(endpoints, "  forge: { kind: github }\n");
}

/** The step in a checkout of the default branch. */
async function step(at: Instant = NOW): Promise<Outcome & { readonly masked: readonly string[] }> {
  const clone = await repository.clone();
  const masked: string[] = [];
  const host = {
    env: { ...clone.env, GITHUB_API_URL: github.url, GITHUB_TOKEN, GITHUB_REPOSITORY: NAME },
    workspace: clone.path,
    read: () => "",
    event: undefined,
    job: {
      mask: (text: string) => void masked.push(text),
      log: () => undefined,
      group: async <T>(_: string, work: () => Promise<T>) => work(),
      annotate: () => undefined,
      output: () => undefined,
      summarize: async () => undefined,
    },
    signal: new AbortController().signal,
    now: () => at,
  };
  const outcome = await discover({ command: "discover", path: ".", zone: undefined }, host, hiddenTexts());
  return { ...outcome, masked };
}

async function stubs(branch = `cre/discovered/served-${THIS_MONTH}`): Promise<string> {
  const file = await hosted.git.fileAt(`refs/heads/${branch}`, "registry/discovered/served.yaml");
  return file === undefined ? "" : (await hosted.git.blob(file.sha)).toString("utf8");
}

describe("what nobody registered", () => {
  test("is proposed in one pull request, ready to be merged, which the next step leaves as it is", async () => {
    const first = await step();
    expect(first).toMatchObject({ exit: 0, annotations: [] });
    expect(first.lines).toEqual([
      expect.stringMatching(/served\.yaml: 1 stub proposed in https:\S+\/pull\/1$/),
    ]);
    expect(first.masked).toContain(GITHUB_TOKEN);
    expect(first.markdown).toContain("Unmanaged");
    expect(hosted.issues[0]).toMatchObject({
      title: "Register 1 credential that served showed",
      author: GITHUB_LOGIN,
      labels: ["cre", "cre/discovered"],
    });
    expect(await stubs()).toContain(`127.0.0.1:${ports[0]}`);
    const writes = github.limits.writes();
    expect((await step()).lines).toEqual(first.lines);
    expect(github.limits.writes()).toBe(writes);
  });

  test("and was found since is put into the same pull request", async () => {
    await step();
    await repository.commit({ files: { "policies/settings.yaml": settings(ports) } });
    expect((await step()).lines).toEqual([expect.stringContaining("2 stubs proposed")]);
    expect(hosted.pulls).toHaveLength(1);
    for (const port of ports) expect(await stubs()).toContain(`127.0.0.1:${port}`);
  });

  test("is registered when people merge it, and not proposed again", async () => {
    await step();
    await github.as("alice", NAME).merge(1);
    expect(await step()).toMatchObject({ exit: 0, lines: [] });
  });

  test("and people closed is not proposed before the next month", async () => {
    await step();
    github.as("alice", NAME).close(1);
    expect((await step()).lines).toEqual([expect.stringContaining("was closed")]);
    expect(hosted.pulls).toHaveLength(1);
    const [year = 0, month = 0] = THIS_MONTH.split("-").map(Number);
    const next = instantOf(Date.UTC(year, month, 1) / 1000);
    expect((await step(next)).lines).toEqual([expect.stringContaining("/pull/2")]);
    expect(await stubs(`cre/discovered/served-${next.slice(0, 7)}`)).toContain(`127.0.0.1:${ports[0]}`);
  });
});
