import { afterAll, beforeAll, expect, test } from "vitest";
import { type BundledAction, bundledAction, type StepEnd } from "../../action/bundled-action.ts";
import { type GitHttpRemote, startGitHttpRemote } from "../../services/git-http.ts";
import { createScratchRepository, type ScratchRepository } from "../../services/git-remote.ts";
import {
  GITHUB_LOGIN,
  GITHUB_TOKEN,
  type GithubService,
  startGithub,
} from "../../services/github/github-service.ts";
import type { HostedRepository, StoredIssue } from "../../services/github/hosted-repository.ts";

const REPOSITORY = "acme/credentials";
const DAY = 86_400_000;

/** The day so many days from now: the action has the clock of the machine. */
function day(days: number): string {
  return new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
}

function credential(name: string, rotatedAt: string, more = ""): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: api-key
  service: shop
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2025-01-01
  rotatedAt: ${rotatedAt}
  method: manual
  access: []
${more}`;
}

const exception = (startsAt: string, expiresAt: string): string => `apiVersion: cre/v1
kind: Exception
metadata: { name: shop-key-freeze }
spec:
  credentials: [shop-key]
  policy: api-keys
  justification: The vendor moves its console this month, and no key can be made there.
  requestedBy: alice
  startsAt: ${startsAt}
  expiresAt: ${expiresAt}
`;

let action: BundledAction;
let repository: ScratchRepository;
let remote: GitHttpRemote;
let github: GithubService;
let hosted: HostedRepository;

beforeAll(async () => {
  github = await startGithub();
  github.setClock(Math.floor(Date.now() / 1000));
  const documents = {
    "registry/shop.yaml": credential("shop-key", day(-10)),
    "policies/platform.yaml": `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  teams: { payments: { github: bob } }
  forge: { kind: github, url: "${github.url}" }
---
apiVersion: cre/v1
kind: Policy
metadata: { name: api-keys }
spec:
  match: { types: [api-key] }
  rotateWithin: 90d
`,
  };
  [action, repository] = await Promise.all([bundledAction(), createScratchRepository(documents)]);
  remote = await startGitHttpRemote(repository.path);
  hosted = await github.host(REPOSITORY, { bare: repository.path });
});
afterAll(async () => {
  await Promise.all([action.dispose(), remote.close(), github.close()]);
  await repository.dispose();
});

/** The workflow of a pull request, on a checkout of its branch. */
async function check(number: number): Promise<StepEnd> {
  const pull = hosted.pulls.find((one) => one.number === number);
  const clone = await repository.clone({ url: remote.url });
  await clone.git("checkout", "--quiet", "--detach", `origin/${pull?.branch ?? ""}`);
  const repo = { full_name: REPOSITORY };
  return action.run({
    event: "pull_request",
    ref: `refs/pull/${number}/merge`,
    workspace: clone.path,
    env: { ...clone.env, GITHUB_API_URL: github.url, GITHUB_TOKEN },
    inputs: { command: "validate" },
    payload: {
      pull_request: { number, base: { sha: await clone.git("rev-parse", "origin/main") }, head: { repo } },
      repository: { ...repo, default_branch: "main" },
    },
  });
}

/** The scheduled workflow. */
async function enforce(): Promise<StepEnd> {
  const clone = await repository.clone({ url: remote.url });
  return action.run({
    workspace: clone.path,
    env: { ...clone.env, GITHUB_API_URL: github.url, GITHUB_TOKEN },
    inputs: { command: "run" },
  });
}

function impactComments(number: number): readonly string[] {
  const issue = hosted.issues[number - 1];
  return (issue?.comments ?? [])
    .filter(({ author, body }) => author === GITHUB_LOGIN && body.includes("cre:impact"))
    .map(({ body }) => body);
}

function issuesAbout(name: string): readonly StoredIssue[] {
  return hosted.issues.filter(({ isPull, title }) => !isPull && title.includes(name));
}

/** Requests that change something. */
function writes(): number {
  return github.calls.filter((route) => !route.startsWith("GET ") && !route.includes("graphql")).length;
}

test("a change is proposed, refused, corrected, commented, agreed on and merged, and what it leaves overdue gets an issue that closes when it heals", async () => {
  const [alice, bob] = [github.as("alice", REPOSITORY), github.as("bob", REPOSITORY)];

  // A bad file: told at its line, refused.
  const file = "registry/crm.yaml";
  await alice.push({
    branch: "crm",
    files: { [file]: credential("crm-key", day(-200)).replace("method:", "metod:") },
  });
  const number = await alice.openPull({ branch: "crm" });
  const refused = await check(number);
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.log).toMatch(/^::error [^\n]*file=registry\/crm\.yaml,line=\d+/m);

  // Corrected: one comment that says what the change does.
  await alice.push({ branch: "crm", files: { [file]: credential("crm-key", day(-200)) } });
  const corrected = await check(number);
  expect(corrected).toMatchObject({ code: 0 });
  const first = impactComments(number);
  expect(first).toHaveLength(1);
  expect(first[0]).toContain("crm-key");
  expect(first[0]).toMatch(/overdue|failing|fail/);

  // Pushed to again: the same comment, changed in place.
  const more = { "registry/erp.yaml": credential("erp-key", day(-5)) };
  await alice.push({ branch: "crm", files: more });
  expect(await check(number)).toMatchObject({ code: 0 });
  const second = impactComments(number);
  expect(second).toHaveLength(1);
  expect(second[0]).toContain("erp-key");

  await bob.review(number, "APPROVED");
  await bob.merge(number, "squash");

  // The scheduled run opens one issue, and the dashboard.
  const opened = await enforce();
  expect(opened).toMatchObject({ code: 0 });
  expect(issuesAbout("crm-key")).toMatchObject([{ state: "open", assignees: ["bob"], author: GITHUB_LOGIN }]);
  expect(issuesAbout("shop-key")).toEqual([]);
  expect(issuesAbout("dashboard")).toMatchObject([{ state: "open" }]);
  const [issue] = issuesAbout("crm-key");
  expect(issue?.body).toMatch(/cre explain [0-9a-f]{16}/);

  // Nothing changed: nothing is written.
  const before = writes();
  expect(await enforce()).toMatchObject({ code: 0 });
  expect(writes()).toBe(before);

  // Rotated by hand: it heals, and the issue closes.
  await alice.push({ branch: "rotated", files: { [file]: credential("crm-key", day(0)) } });
  const healing = await alice.openPull({ branch: "rotated" });
  expect(await check(healing)).toMatchObject({ code: 0 });
  expect(impactComments(healing)).toHaveLength(1);
  await bob.merge(healing);
  expect(await enforce()).toMatchObject({ code: 0 });
  expect(issuesAbout("crm-key")).toMatchObject([{ state: "closed", stateReason: "completed" }]);
  expect(await enforce()).toMatchObject({ code: 0 });

  // And the chain is whole, with everybody's change in it.
  const trail = await repository.git("log", "--format=%B", "cre/state");
  expect(trail).toContain("Audit-Head:");
});

test("an exception counts once somebody else has approved it, and not before; its verdict is in git", async () => {
  const [alice, bob] = [github.as("alice", REPOSITORY), github.as("bob", REPOSITORY)];
  const overdue = { "registry/shop.yaml": credential("shop-key", day(-100)) };
  const waiver = { "exceptions/shop.yaml": exception(day(-1), day(30)) };
  await alice.push({ branch: "waive", files: { ...overdue, ...waiver } });
  const number = await alice.openPull({ branch: "waive" });
  expect(await check(number)).toMatchObject({ code: 0 });
  expect(impactComments(number)[0]).toMatch(/exempt|waive|approved/);
  await alice.merge(number);
  expect(await enforce()).toMatchObject({ code: 0 });
  expect(issuesAbout("shop-key").some(({ state }) => state === "open")).toBe(true);
  const reviews = async (): Promise<string> =>
    repository.git("show", "cre/state:registry/status/_reviews.json");
  expect(await reviews()).toContain("shop-key-freeze");

  // Taken back and proposed again, with a review this time.
  const again = exception(day(-1), day(29));
  await alice.push({ branch: "waive-again", files: { "exceptions/shop.yaml": again } });
  const reviewed = await alice.openPull({ branch: "waive-again" });
  await bob.review(reviewed, "APPROVED");
  await bob.merge(reviewed);
  expect(await enforce()).toMatchObject({ code: 0 });
  expect(
    issuesAbout("shop-key (api-key)")
      .concat(issuesAbout("shop-key"))
      .every(({ state, title }) => state === "closed" || title.includes("freeze")),
  ).toBe(true);
  expect(await reviews()).toMatch(/"bob"/);
});
