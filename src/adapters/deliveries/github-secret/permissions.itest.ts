import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readDescription } from "../../../testing/services/github/description.ts";
import { GITHUB_TOKEN, startGithub } from "../../../testing/services/github/github-service.ts";
import type { Permissions } from "../../../testing/services/github/permissions.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  bindGithub,
  GITHUB_SCOPES,
  type GithubScope,
  withPlaces,
} from "../../../testing/suites/github-bench.ts";
import { consignmentOf, partsOf, passwordOf, pushing } from "../../../testing/suites/sample-consignment.ts";

const { signal } = new AbortController();
const description = readDescription();

function textOf(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
}

const text = textOf("examples/github/app-permissions.json");
const EXAMPLE: Readonly<Record<GithubScope, Permissions>> = JSON.parse(text);
const SCOPES = ["repository", "environment", "organisation"] as const;

/** As GitHub's settings of an app show them. */
const SHOWN: Readonly<Record<string, string>> = {
  metadata: "Metadata",
  secrets: "Secrets",
  actions_variables: "Variables",
  environments: "Environments",
  organization_secrets: "Organization secrets",
  organization_actions_variables: "Organization variables",
};

/** A target that holds attempt a1, and then is asked by a token that may do this only. */
async function targetFor(scope: GithubScope, permissions: Permissions) {
  const github = withPlaces(await startGithub({ description }));
  const target = pushing(await bindGithub(github, scope));
  await target.push(consignmentOf("a1"), partsOf("a1"), signal);
  github.permit(permissions);
  return { github, target, inUse: () => github.seen(GITHUB_SCOPES[scope].place, "DB_PASSWORD") };
}

describe.each(SCOPES)("the permissions of the example for the scope %s", (scope) => {
  test("are enough for everything", async () => {
    const { github, target, inUse } = await targetFor(scope, EXAMPLE[scope]);
    try {
      const { secrets } = github.place("organisation acme");
      for (const [name, secret] of secrets) secrets.set(name, { ...secret, visibility: "selected" });
      await target.preflight(signal);
      await target.push(consignmentOf("a2"), partsOf("a2"), signal);
      expect(await target.holds(signal)).toEqual({ current: "a2" });
      expect(inUse()).toBe(passwordOf("a2"));
    } finally {
      await github.close();
    }
  });

  const granted = Object.entries(EXAMPLE[scope]);
  const without = granted.map(
    ([name]) => [name, "none", Object.fromEntries(granted.filter(([other]) => other !== name))] as const,
  );
  const readOnly = granted
    .filter(([, access]) => access === "write")
    .map(([name]) => [name, "read", { ...EXAMPLE[scope], [name]: "read" as const }] as const);
  test.each([...without, ...readOnly])(
    "are all needed: with %s %s a push is refused, says what is missing, and changes nothing",
    async (name, left, permissions) => {
      const { github, target, inUse } = await targetFor(scope, permissions);
      try {
        // What can be read is known before anything is tried.
        const preflight = await target.preflight(signal).then(
          () => "passed",
          (error: unknown) => String(error),
        );
        expect(preflight === "passed").toBe(left === "read");
        const error = await failureOf(target.push(consignmentOf("a2"), partsOf("a2"), signal));
        expect(error).toMatchObject({ outcome: "refused", retryable: false });
        // Without metadata a repository cannot be seen, so nothing is asked for what is in it.
        const wanted = `"${SHOWN[name]}: ${left === "read" ? "write" : "read"}"`;
        expect(name === "metadata" ? preflight : error.describe()).toContain(
          name === "metadata" ? "GitHub shows nothing there" : wanted,
        );
        expect(error.evidence).toContain("GitHub asks for");
        expect(inUse()).toBe(passwordOf("a1"));
        expect(["unknown", { current: "a1" }]).toContainEqual(await target.holds(signal));
      } finally {
        await github.close();
      }
    },
  );
});

test("the page on github-secret shows the file of the example", () => {
  expect(textOf(".github/docs/github-secret.md")).toContain(text);
});

test("a token with a line break behind it is taken without, and what is no token is refused before it is sent", async () => {
  const github = withPlaces(await startGithub({ description }));
  try {
    await (await bindGithub(github, "repository", { token: `${GITHUB_TOKEN}\r\n` })).preflight(signal);
    for (const token of ["", "Bearer canary-1", "canary-\u{1F511}", "canary-1\ncanary-2"]) {
      const target = await bindGithub(github, "repository", { token });
      const failure = await failureOf(target.preflight(signal));
      expect(failure).toMatchObject({ outcome: "refused", code: "login-refused", retryable: false });
    }
  } finally {
    await github.close();
  }
});
