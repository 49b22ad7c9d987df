import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const COMPOSE_FILE = "docker-compose.test.yml";
/** Those that are for all tests; the others are the lifecycle's. */
const SERVERS = ["postgresql-15", "postgresql-16", "postgresql-17", "postgresql-18", "git-ssh"];

interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly ports?: readonly string[] }>>;
}

/**
 * Starts the servers of `docker-compose.test.yml` that all tests can use, and says by which variables they find them.
 * They end with this process, whatever becomes of it: testcontainers' reaper takes them down. Fails where no Docker
 * engine answers.
 */
export async function startContainers(): Promise<Record<string, string>> {
  const variables = containerVariables(readFileSync(new URL(COMPOSE_FILE, `file://${ROOT}`), "utf8"));
  await composeUp(SERVERS);
  return variables;
}

/** Starts these services of `docker-compose.test.yml`, as {@link startContainers} does. */
export async function composeUp(services: readonly string[]): Promise<void> {
  const { DockerComposeEnvironment, Wait } = await import("testcontainers");
  await new DockerComposeEnvironment(ROOT, COMPOSE_FILE)
    .withBuild()
    .withEnvironment({ CRE_TEST_UID: String(process.getuid?.() ?? 0) })
    .withDefaultWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(300_000)
    .up([...services]);
}

/** What the variables of `external-servers.ts` must be for the services of a compose file. */
export function containerVariables(composeFile: string): Record<string, string> {
  // `as`: our own file, whose test looks at these parts.
  const { services } = load(composeFile) as ComposeFile;
  const addressOf = (name: string): string => services[name]?.ports?.[0]?.replace(/:\d+$/, "") ?? "";
  const postgres = Object.keys(services).filter((name) => name.startsWith("postgresql-"));
  return {
    CRE_TEST_POSTGRESQL_URLS: postgres
      .map((name) => `postgresql://postgres:superuser-of-a-test@${addressOf(name)}/postgres`)
      .join(","),
    CRE_TEST_GIT_SSH: addressOf("git-ssh"),
    CRE_TEST_GIT_SSH_KEYS: `${ROOT}test-results/git-ssh`,
  };
}
