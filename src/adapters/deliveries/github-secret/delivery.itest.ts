import { readDescription } from "../../../testing/services/github/description.ts";
import { startGithub } from "../../../testing/services/github/github-service.ts";
import {
  bindGithub,
  GITHUB_SCOPES,
  type GithubScope,
  withPlaces,
} from "../../../testing/suites/github-bench.ts";
import { describePushDelivery } from "../../../testing/suites/push-suite.ts";

const description = readDescription();

async function openBench(scope: GithubScope) {
  const github = withPlaces(await startGithub({ description }));
  return {
    delivery: await bindGithub(github, scope),
    tells: true,
    inUse: async () => github.seen(GITHUB_SCOPES[scope].place, "DB_PASSWORD"),
    breakDown: async (how: "refuses" | "fails") => {
      github.fail("PUT", how === "refuses" ? "invalid" : "page502", 100);
    },
    close: async () => github.close(),
  };
}

for (const scope of ["repository", "environment", "organisation"] as const) {
  describePushDelivery(`github-secret to a ${scope}`, async () => openBench(scope));
}
