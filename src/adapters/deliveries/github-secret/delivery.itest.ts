import { expect } from "vitest";
import { startGithub } from "../../../testing/services/github/github-service.ts";
import {
  bindGithub,
  GITHUB_SCOPES,
  type GithubScope,
  withPlaces,
} from "../../../testing/suites/github-bench.ts";
import { describePushDelivery } from "../../../testing/suites/push-suite.ts";

async function openBench(scope: GithubScope) {
  const github = withPlaces(await startGithub());
  return {
    delivery: await bindGithub(github, scope),
    tells: true,
    inUse: async () => github.seen(GITHUB_SCOPES[scope].place, "DB_PASSWORD"),
    breakDown: async (how: "refuses" | "fails") => {
      github.fail("PUT", how === "refuses" ? "invalid" : "page502", 100);
    },
    close: async () => {
      expect(github.violations).toEqual([]);
      await github.close();
    },
  };
}

for (const scope of ["repository", "environment", "organisation"] as const) {
  describePushDelivery(`github-secret to a ${scope}`, async () => openBench(scope));
}
