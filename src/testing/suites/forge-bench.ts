import { githubForge } from "../../adapters/forges/github/forge.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import { Secret } from "../../core/model/secret.ts";
import type { Forge } from "../../core/ports/forge.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";
import { readDescription } from "../services/github/description.ts";
import { GITHUB_TOKEN, type GithubService, startGithub } from "../services/github/github-service.ts";
import type { HostedRepository } from "../services/github/hosted-repository.ts";
import type { HostOptions } from "../services/github/hosting.ts";

export const FORGE_REPOSITORY = "acme/credentials";

/** A forge on the stand-in, and the stand-in's side of it. */
export interface ForgeBench {
  readonly github: GithubService;
  readonly repository: HostedRepository;
  readonly forge: Forge;
  readonly warnings: string[];
  /** The same repository by another token. */
  readonly by: (token: string) => Promise<Forge>;
}

/** Read once: it is large. */
const description = readDescription();

/** Runs `use` on a fresh stand-in with one repository, and holds every request against GitHub's description. */
export async function withForge(
  use: (bench: ForgeBench) => Promise<void>,
  options: HostOptions = {},
): Promise<void> {
  const github = await startGithub({ description });
  try {
    const warnings: string[] = [];
    const by = async (token: string): Promise<Forge> => forgeAt(github.url, token, warnings);
    const repository = await github.host(FORGE_REPOSITORY, options);
    await use({ github, repository, forge: await by(GITHUB_TOKEN), warnings, by });
  } finally {
    await github.close();
  }
}

/** A forge at an address of the API, with this token. */
export async function forgeAt(
  url: string,
  token: string,
  warnings: string[] = [],
  spec: Partial<NonNullable<SettingsSpec["forge"]>> = {},
): Promise<Forge> {
  return githubForge(
    { kind: "github", repository: FORGE_REPOSITORY, url, ...spec },
    {
      env: {},
      secrets: tokenSource(token),
      remoteUrl: async () => undefined,
      readFile: async () => undefined,
      warn: (message) => warnings.push(message),
    },
  );
}

function tokenSource(token: string): LocalSecretSource {
  return { present: () => true, read: async () => new Secret(token) };
}
