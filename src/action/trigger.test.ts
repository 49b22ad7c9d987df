import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "./contract.ts";
import { triggerOf } from "./event.ts";
import { refusalOf } from "./trigger.ts";

const REPOSITORY = { full_name: "acme/credentials", default_branch: "main" };
const PULL_REQUEST = {
  number: 7,
  base: { sha: "a".repeat(40) },
  head: { repo: { full_name: "acme/credentials" } },
};
const ACTING = COMMANDS.filter((command) => command !== "validate");

function trigger(event: string, payload: unknown = { repository: REPOSITORY }, ref = "refs/heads/main") {
  return triggerOf({ GITHUB_EVENT_NAME: event, GITHUB_REF: ref }, JSON.stringify(payload));
}

describe.each(ACTING)("%s", (command) => {
  test.each(["schedule", "workflow_dispatch", "repository_dispatch", "push"])(
    "runs on %s of the default branch and of no other ref",
    (event) => {
      expect(refusalOf(command, trigger(event))).toBeUndefined();
      for (const ref of [
        "refs/heads/other",
        "refs/tags/main",
        "refs/pull/7/merge",
        "refs/heads/main2",
        "main",
        "",
      ]) {
        expect(refusalOf(command, trigger(event, undefined, ref))).toContain("default branch");
      }
    },
  );

  test.each([
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "pull_request_review_comment",
    "issue_comment",
    "issues",
    "merge_group",
    "workflow_run",
    "release",
    "deployment",
    "something_new",
    "",
  ])("refuses %s even on the default branch", (event) => {
    expect(refusalOf(command, trigger(event))).toContain("never runs on the event");
  });

  test.each([
    ["a pull request", { pull_request: PULL_REQUEST }],
    ["a comment under a pull request", { issue: { number: 7, pull_request: {} } }],
    ["a run for a pull request", { workflow_run: { pull_requests: [PULL_REQUEST] } }],
  ])("refuses whatever carries %s, under any name", (_, payload) => {
    const event = trigger("workflow_dispatch", { ...payload, repository: REPOSITORY });
    expect(refusalOf(command, event)).toContain("never runs on the event");
  });

  test("asks for the default branch where it could be another one", () => {
    expect(refusalOf(command, trigger("schedule", {}))).toBeUndefined();
    expect(refusalOf(command, trigger("schedule", {}, "refs/tags/v1"))).toContain("does not say");
    expect(refusalOf(command, trigger("workflow_dispatch", {}))).toContain("does not say");
    expect(refusalOf(command, trigger("push", {}))).toContain("does not say");
  });

  test("without an event there is nothing that allows it", () => {
    expect(refusalOf(command, triggerOf({}, undefined))).toContain("(none)");
  });
});

test("validate runs everywhere", () => {
  for (const event of ["pull_request", "push", "merge_group", ""]) {
    expect(refusalOf("validate", trigger(event))).toBeUndefined();
  }
});

test("a pull request is from a fork unless its head is in the same repository", () => {
  const isFork = (head: unknown): boolean | undefined =>
    trigger("pull_request", { pull_request: { ...PULL_REQUEST, head }, repository: REPOSITORY }).pullRequest
      ?.isFork;
  expect(isFork({ repo: { full_name: "acme/credentials" } })).toBe(false);
  expect(isFork({ repo: { full_name: "mallory/credentials" } })).toBe(true);
  expect(isFork({ repo: null })).toBe(true);
});

test("no text in the place of the event does more than be refused", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (payload) => {
      const event = triggerOf(
        { GITHUB_EVENT_NAME: "workflow_dispatch", GITHUB_REF: "refs/heads/main" },
        payload,
      );
      expect(refusalOf("run", event)).toBeDefined();
    }),
  );
});
