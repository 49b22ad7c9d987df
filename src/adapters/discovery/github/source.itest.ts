import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { GithubDiscovery } from "../../../core/documents/discovery.ts";
import { readDescription } from "../../../testing/services/github/description.ts";
import {
  GITHUB_TOKEN,
  type GithubService,
  startGithub,
} from "../../../testing/services/github/github-service.ts";
import {
  connectionText,
  credentialText,
  discoveryPorts,
  exampleText,
  lookAt,
  problemsOf,
} from "../../../testing/suites/discovery-bench.ts";
import { type DiscoveryBench, describeDiscoverySource } from "../../../testing/suites/discovery-suite.ts";
import { githubSource } from "./source.ts";

const description = readDescription();
const VALUE = "canary-value-of-a-secret";
const AT = "2026-01-02T03:04:05Z";
const PLACES = {
  "organisation acme": ["SHARED"],
  "repository acme/orders": ["DB_URL", "OLD_TOKEN"],
  "environment acme/orders prod/eu": ["DB_URL"],
  "repository acme/shop": ["KEY"],
  "repository other/shop": ["KEY"],
} as const;

const REGISTRY = credentialText(
  "orders-db",
  "api-key",
  `  deliver:
    - github-secret: { connection: forge, scope: environment, repository: Acme/orders, environment: prod/eu, values: { db_url: "{value}" } }`,
);

async function start(): Promise<GithubService> {
  const github = await startGithub({ description });
  for (const [place, names] of Object.entries(PLACES)) {
    github.addPlace(place);
    for (const name of names) {
      github
        .place(place)
        .secrets.set(name, { value: VALUE, createdAt: AT, updatedAt: "2026-02-02T03:04:05Z" });
    }
  }
  return github;
}

function parts(github: GithubService, entry: Partial<GithubDiscovery>) {
  const { ports } = discoveryPorts({
    policies: connectionText("forge", `github: { url: "${github.url}", token: { env: GH } }`),
    registry: REGISTRY,
    secrets: { GH: GITHUB_TOKEN },
  });
  return githubSource.open({ connection: "forge", ...entry }, ports);
}

async function openBench(): Promise<DiscoveryBench> {
  const github = await start();
  return {
    open: async () => {
      const [part] = await parts(github, { organisation: "acme" });
      if (part === undefined) throw new Error("no part");
      return part;
    },
    handles: [
      "acme/SHARED",
      "acme/orders (prod/eu)/DB_URL",
      "acme/orders/DB_URL",
      "acme/orders/OLD_TOKEN",
      "acme/shop/KEY",
    ].toSorted(),
    sighted: ["identity of orders-db"],
    covered: [],
    secrets: [VALUE, GITHUB_TOKEN],
    steps: 2,
    state: async () => Object.keys(PLACES).map((place) => new Map(github.place(place).secrets)),
    breakDown: async () => {
      github.fail("GET /repos/{owner}/{repo}/actions/secrets", "limited", 1, 1);
      return /acme\/shop: .*rate limit/;
    },
    mend: async () => github.mend(),
    close: async () => github.close(),
  };
}

describeDiscoverySource("github", openBench);

describe("secrets of GitHub", () => {
  let github: GithubService;
  beforeAll(async () => {
    github = await start();
  });
  afterAll(async () => github.close());
  beforeEach(() =>
    github.permit({ metadata: "read", actions: "read", secrets: "read", environments: "read" }),
  );

  test("are shown with their names and dates, by repository", async () => {
    const [orders, shop, ...others] = await parts(github, { repositories: ["acme/orders", "acme/shop"] });
    if (orders === undefined || shop === undefined) throw new Error("no parts");
    const { sightings, end } = await lookAt(orders);
    expect(sightings).toContainEqual({
      kind: "github-secret",
      handle: "acme/orders (prod/eu)/DB_URL",
      place: "acme/orders (prod/eu)",
      identity: "identity of orders-db",
      live: true,
      createdAt: AT,
      changedAt: "2026-02-02T03:04:05Z",
      detail: { secret: "DB_URL" },
      ownerHints: [],
      concerns: [],
    });
    expect(end).toEqual({ complete: true, scanned: 3, covered: [], problems: [] });
    expect((await lookAt(shop)).sightings).toHaveLength(1);
    expect(others).toEqual([]);
  });

  test.each(["secrets", "actions", "environments"])(
    "of which a token without %s sees less are told to be incomplete, with the permission",
    async (missing) => {
      const all = { metadata: "read", actions: "read", secrets: "read", environments: "read" } as const;
      github.permit(Object.fromEntries(Object.entries(all).filter(([name]) => name !== missing)));
      const [part] = await parts(github, { repositories: ["acme/orders"] });
      if (part === undefined) throw new Error("no part");
      const looked = await lookAt(part);
      expect(looked.end.complete).toBe(false);
      expect(problemsOf(looked).toLowerCase()).toContain(`permission "${missing}: read"`);
    },
  );

  test("are all shown with the permissions of the example, and none of them may write", async () => {
    const example: Record<string, Record<string, "read">> = JSON.parse(
      exampleText("examples/discovery/github-permissions.json"),
    );
    const { organisation = {}, repositories = {} } = example;
    github.permit(repositories);
    const [repository] = await parts(github, { repositories: ["acme/orders"] });
    github.permit(organisation);
    const [whole] = await parts(github, { organisation: "acme" });
    if (repository === undefined || whole === undefined) throw new Error("no parts");
    expect((await lookAt(whole)).end.complete).toBe(true);
    github.permit(repositories);
    expect((await lookAt(repository)).end.complete).toBe(true);
    const granted = [...Object.values(organisation), ...Object.values(repositories)];
    expect(new Set(granted)).toEqual(new Set(["read"]));
  });
});
