import type { GithubDiscovery } from "../../../core/documents/discovery.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { githubClient } from "../../clients/github/octokit.ts";
import { openOrganisation, openRepository } from "./parts.ts";
import { questionsTo } from "./questions.ts";
import { registeredSecrets } from "./registered-secrets.ts";

const API = "https://api.github.com";

/**
 * Names and dates of the secrets of Actions: of repositories with their environments, each a part, or of an organisation
 * with all of its repositories. GitHub's API has no request that shows a value.
 */
export const githubSource: DiscoverySource<GithubDiscovery> = {
  kind: "github",
  connections: ({ connection }) => [connection],
  open: async ({ connection: name, repositories = [], organisation }, ports) => {
    const { github: connection } = ports.connection(name);
    if (connection === undefined) {
      throw new CreError("connection-kind", `the connection ${name} is no github connection`);
    }
    const ca = connection.ca === undefined ? undefined : ports.readFile(connection.ca);
    const octokit = await githubClient(connection, ca, ports.secrets);
    const ask = questionsTo(octokit);
    const view = { ask, means: registeredSecrets(new URL(connection.url ?? API).host, ports) };
    if (organisation !== undefined) return [openOrganisation(organisation, view)];
    return [...new Set(repositories)].map((repository) => openRepository(repository, view));
  },
};
