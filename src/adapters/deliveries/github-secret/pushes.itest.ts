import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { readDescription } from "../../../testing/services/github/description.ts";
import type { GithubFault } from "../../../testing/services/github/faults.ts";
import { type GithubService, startGithub } from "../../../testing/services/github/github-service.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  bindGithub,
  GITHUB_SCOPES,
  type GithubOptions,
  type GithubScope,
  withPlaces,
} from "../../../testing/suites/github-bench.ts";
import { consignmentOf, partsOf, passwordOf, pushing } from "../../../testing/suites/sample-consignment.ts";

const { signal } = new AbortController();
const HERE = GITHUB_SCOPES.repository.place;

const description = readDescription();
let github: GithubService;
beforeEach(async () => {
  github = withPlaces(await startGithub({ description }));
});
afterEach(async () => github.close());

async function bound(scope: GithubScope = "repository", options: GithubOptions = {}) {
  return pushing(await bindGithub(github, scope, options));
}

async function push(attempt: string, scope?: GithubScope, options?: GithubOptions) {
  await (await bound(scope, options)).push(consignmentOf(attempt), partsOf(attempt), signal);
}

const failedPush = async (attempt: string, scope?: GithubScope, options?: GithubOptions) =>
  failureOf(push(attempt, scope, options));
const holds = async (scope?: GithubScope) => (await bound(scope)).holds(signal);
const seen = (name = "DB_PASSWORD") => github.seen(HERE, name);

/** A person writes a secret by hand, some time later. */
function overwritten(name: string): void {
  github.advance(60);
  const { secrets } = github.place(HERE);
  const at = new Date(github.now() * 1000).toISOString();
  secrets.set(name, { value: "by hand", createdAt: at, updatedAt: at });
}

describe("a push", () => {
  test("writes every value as a secret that a workflow sees as it is", async () => {
    await push("a1");
    expect(seen("DB_USER")).toBe("orders_a");
    expect(seen()).toBe(passwordOf("a1"));
  });

  test("to an environment with a slash in its name goes there and nowhere else", async () => {
    await push("a1", "environment");
    expect(github.seen(GITHUB_SCOPES.environment.place, "DB_PASSWORD")).toBe(passwordOf("a1"));
    expect(seen()).toBeUndefined();
  });

  test("keeps who sees an organisation's secret, and shows a new one to private repositories only", async () => {
    await push("a1", "organisation");
    const { secrets } = github.place("organisation acme");
    const stored = secrets.get("DB_PASSWORD");
    expect(stored?.visibility).toBe("private");
    if (stored === undefined) return;
    const repositories = Array.from({ length: 230 }, (_, at) => 1000 + at);
    secrets.set("DB_PASSWORD", { ...stored, visibility: "selected", repositories });
    secrets.set("DB_USER", { ...stored, visibility: "all" });
    await push("a2", "organisation");
    expect(secrets.get("DB_PASSWORD")).toMatchObject({
      value: passwordOf("a2"),
      visibility: "selected",
      repositories,
    });
    expect(secrets.get("DB_USER")?.visibility).toBe("all");
  });

  test("seals for the key that GitHub made in the meantime", async () => {
    github.replaceKey(HERE, 1);
    await push("a1");
    expect(seen()).toBe(passwordOf("a1"));
    github.replaceKey(HERE, 1);
    await push("a2");
    expect(seen()).toBe(passwordOf("a2"));
    expect(await holds()).toEqual({ current: "a2" });
  });

  test("of a value that GitHub would not take is refused before anything is asked", async () => {
    const target = await bound();
    for (const size of [0, 48 * 1024 + 1]) {
      const parts = new Map([...partsOf("a1"), ["password", new Secret("x".repeat(size))] as const]);
      const error = await failureOf(target.push(consignmentOf("a1"), parts, signal));
      expect(error).toMatchObject({ outcome: "refused", code: "value-size", retryable: false });
    }
    expect(github.calls).toEqual([]);
    const largest = new Map([...partsOf("a1"), ["password", new Secret("x".repeat(48 * 1024))] as const]);
    await target.push(consignmentOf("a1"), largest, signal);
    expect(seen()).toHaveLength(48 * 1024);
  });

  test("that is over is not sent again", async () => {
    await push("a1");
    const before = github.calls.length;
    await push("a1");
    expect(github.calls.slice(before).filter((route) => !route.startsWith("GET"))).toEqual([]);
  });

  test("waits where GitHub's clock could not tell it from what was written before", async () => {
    await push("a1");
    const before = github.now();
    await push("a2");
    expect(github.now() - before).toBe(2);
    github.advance(60);
    await push("a3");
    expect(github.now() - before).toBe(62);
  });
});

describe("what can go wrong", () => {
  type Case = readonly [fault: GithubFault, outcome: "refused" | "unknown", code: string, retryable: boolean];
  test.each<Case>([
    ["denied", "refused", "permission-missing", false],
    ["hidden", "refused", "not-found", false],
    ["moved", "refused", "moved", false],
    ["invalid", "refused", "refused", false],
    ["conflict", "refused", "conflict", true],
    ["throttled", "refused", "throttled", true],
    ["limited", "refused", "throttled", true],
    ["error500", "unknown", "no-answer", true],
    ["page502", "unknown", "no-answer", true],
    ["drop", "unknown", "no-answer", true],
  ])("the first secret, %s, is %s", async (fault, outcome, code, retryable) => {
    await push("a0");
    github.fail("PUT", fault, 100);
    const error = await failedPush("a1");
    expect(error).toMatchObject({ outcome, code, retryable });
    // The answers of the stand-in quote what they refuse.
    expect(error.describe()).not.toContain("encrypted_value");
    github.mend();
    expect(seen()).toBe(passwordOf("a0"));
    expect(await holds()).toEqual({ current: "a0" });
    await push("a2");
    expect(seen()).toBe(passwordOf("a2"));
  });

  test.each<GithubFault>(["denied", "throttled", "error500", "drop"])(
    "the second secret, %s, leaves it unknown, and says how far it came",
    async (fault) => {
      await push("a0");
      github.fail("PUT", fault, 100, 1);
      const error = await failedPush("a1");
      expect(error.outcome).toBe("unknown");
      expect(error.evidence).toContain("1 of 2 secrets hold the new version");
      github.mend();
      expect(await holds()).toEqual({ unclear: true });
      // The same attempt again, and another one, both end it.
      await push("a1");
      expect(await holds()).toEqual({ current: "a1" });
    },
  );

  test("half a push that another one follows, which then fails, is still unclear", async () => {
    github.fail("PUT", "denied", 100, 1);
    await failedPush("a1");
    github.mend();
    github.fail("PUT", "denied", 100);
    await failedPush("a2");
    github.mend();
    expect(await holds()).toEqual({ unclear: true });
    await push("a3");
    expect(await holds()).toEqual({ current: "a3" });
  });

  test.each<GithubFault>(["error500", "drop", "dropAfter", "conflict"])(
    "a secret that is written again after one %s arrives",
    async (fault) => {
      github.fail("PUT", fault, 1);
      github.fail("PUT", fault, 1, 2);
      await push("a1");
      expect(seen()).toBe(passwordOf("a1"));
      expect(await holds()).toEqual({ current: "a1" });
    },
  );

  test("a refusal after a try of which nobody knows is unknown", async () => {
    github.fail("PUT", "dropAfter", 1);
    github.fail("PUT", "denied", 1);
    expect(await failedPush("a1")).toMatchObject({ outcome: "unknown", code: "permission-missing" });
    expect(await holds()).toEqual({ unclear: true });
  });

  test.each<GithubFault>(["denied", "error500", "drop", "dropAfter"])(
    "the marker of the beginning, %s, is a refusal: nothing was touched",
    async (fault) => {
      github.fail("POST", fault, 100);
      expect((await failedPush("a1")).outcome).toBe("refused");
      expect(github.calls.filter((route) => route.startsWith("PUT"))).toEqual([]);
      github.mend();
      expect(await holds()).toEqual({});
    },
  );

  test.each<GithubFault>(["denied", "error500", "drop"])(
    "the marker of the end, %s, is no failure, and the push is recognised without it",
    async (fault) => {
      github.fail("PATCH", fault, 100);
      await push("a1");
      github.mend();
      expect(await holds()).toEqual({ current: "a1" });
    },
  );

  test("a token that GitHub does not know is refused", async () => {
    const error = await failedPush("a1", "repository", { token: "canary-old-token" });
    expect(error).toMatchObject({ outcome: "refused", code: "login-refused", retryable: false });
  });

  test("an archived repository is refused at preflight, and says so when it is archived later", async () => {
    github.archive("acme/orders");
    const target = await bound();
    expect(await failureOf(target.preflight(signal))).toMatchObject({ outcome: "refused", code: "archived" });
    expect(await failedPush("a1")).toMatchObject({ outcome: "refused", code: "archived", retryable: false });
  });

  test.each<[GithubScope, GithubOptions]>([
    ["repository", { fields: { repository: "acme/gone" } }],
    ["environment", { fields: { environment: "staging" } }],
    ["organisation", { fields: { organisation: "other" } }],
  ])("a target that is not there fails the preflight of a %s", async (scope, options) => {
    const target = await bound(scope, options);
    expect(await failureOf(target.preflight(signal))).toMatchObject({
      outcome: "refused",
      code: "not-found",
    });
  });

  test("a GitHub that hangs is left within the limit of the run", async () => {
    github.fail("PUT", "hang");
    const target = await bound();
    const limit = AbortSignal.timeout(300);
    const error = await failureOf(target.push(consignmentOf("a1"), partsOf("a1"), limit));
    expect(error).toMatchObject({ outcome: "unknown", evidence: "nothing came within the time limit" });
  });

  test("a GitHub that nobody reaches is refused", async () => {
    const other = await startGithub({ description });
    await other.close();
    const error = await failedPush("a1", "repository", { url: other.url });
    expect(error).toMatchObject({ outcome: "refused", code: "unreachable", evidence: "ECONNREFUSED" });
    expect(await (await bound("repository", { url: other.url })).holds(signal)).toBe("unknown");
  });
});

describe("a run that dies", () => {
  /** A push of a1 over a0 of which only the first requests arrive, or one more without an answer. */
  async function cut(arriving: number, loses: boolean) {
    await push("a0");
    const before = github.calls.length;
    if (loses) github.fail("*", "dropAfter", 1, arriving);
    github.fail("*", "drop", 1000, loses ? 0 : arriving);
    await push("a1").catch(() => undefined);
    github.mend();
    const arrived = github.calls.slice(before, before + arriving + (loses ? 1 : 0));
    return { writes: arrived.filter((route) => route.startsWith("PUT")).length, said: await holds() };
  }

  const places = Array.from({ length: 12 }, (_, at) => [at, false] as const);
  test.each([...places, ...places.map(([at]) => [at, true] as const)])(
    "after %i requests (another arrives: %s) is recognised by what the target holds",
    async (arriving, loses) => {
      const { writes, said } = await cut(arriving, loses);
      const expected = [{ current: "a0" }, { unclear: true }, { current: "a1" }][writes];
      expect(said).toEqual(expected);
      expect([seen("DB_USER"), seen()]).toEqual(["orders_a", passwordOf(writes === 2 ? "a1" : "a0")]);
      await push("a2");
      expect(await holds()).toEqual({ current: "a2" });
      expect(seen()).toBe(passwordOf("a2"));
    },
  );
});

describe("what the target holds", () => {
  test("is not told by the marker of another repository's credential of the same name", async () => {
    const ours = await bound("repository", { values: { DB_PASSWORD: "{password}" } });
    await ours.push(consignmentOf("a1"), partsOf("a1"), signal);
    const theirs = await bound("repository", { values: { SHOP_PASSWORD: "{password}" } });
    await theirs.push(consignmentOf("b1"), partsOf("b1"), signal);
    expect(await theirs.holds(signal)).toEqual({ current: "b1" });
    // It holds a1 still: whoever said b1 would have ours dropped.
    expect(await ours.holds(signal)).toBe("unknown");
    await ours.push(consignmentOf("a2"), partsOf("a2"), signal);
    expect(await ours.holds(signal)).toEqual({ current: "a2" });
  });

  test("is unclear once somebody wrote or deleted a secret by hand, until the next push", async () => {
    await push("a1");
    overwritten("DB_USER");
    expect(await holds()).toEqual({ unclear: true });
    await push("a2");
    expect(await holds()).toEqual({ current: "a2" });
    github.place(HERE).secrets.delete("DB_PASSWORD");
    expect(await holds()).toEqual({ unclear: true });
  });

  test("is nothing of ours where secrets were written by hand before the first push", async () => {
    overwritten("DB_USER");
    overwritten("DB_PASSWORD");
    expect(await holds()).toEqual({});
    github.fail("PUT", "denied", 100);
    await failedPush("a1");
    github.mend();
    expect(await holds()).toEqual({});
  });

  test.each([
    "",
    "a1",
    "{}",
    '{"attempt":7,"until":"2026-01-01T00:00:00Z"}',
    '{"attempt":"a1","until":"soon"}',
  ])("is unknown where the variable says %j", async (value) => {
    await push("a1");
    const { variables } = github.place(HERE);
    const [name] = variables.keys();
    variables.set(name ?? "", { value, createdAt: "", updatedAt: "" });
    expect(await holds()).toBe("unknown");
    await push("a2");
    expect(await holds()).toEqual({ current: "a2" });
  });

  test("is unknown where the token may not read", async () => {
    await push("a1");
    github.permit({ metadata: "read", secrets: "write" });
    expect(await holds()).toBe("unknown");
  });

  test("never follows from a variable that is hidden: the list has to be readable", async () => {
    github.fail("variables", "denied", 100);
    expect(await holds()).toBe("unknown");
  });
});

describe("TLS", () => {
  const authority = createAuthority();

  test("an enterprise server is trusted by the authority of the connection only", async () => {
    const own = withPlaces(await startGithub({ description, certificate: authority.issue(["127.0.0.1"]) }));
    try {
      const target = pushing(await bindGithub(own, "repository", { ca: authority.ca }));
      await target.push(consignmentOf("a1"), partsOf("a1"), signal);
      expect(own.seen(HERE, "DB_PASSWORD")).toBe(passwordOf("a1"));
      const stranger = pushing(await bindGithub(own, "repository", { ca: createAuthority().ca }));
      expect((await failureOf(stranger.push(consignmentOf("a2"), partsOf("a2"), signal))).outcome).toBe(
        "refused",
      );
      expect(own.seen(HERE, "DB_PASSWORD")).toBe(passwordOf("a1"));
    } finally {
      await own.close();
    }
  });
});
