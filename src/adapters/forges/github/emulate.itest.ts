import { createEmulator, type Emulator } from "emulate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Forge } from "../../../core/ports/forge.ts";
import { forgeAt } from "../../../testing/suites/forge-bench.ts";

const { signal } = new AbortController();
const TOKEN = "canary-emulated";
const REPOSITORY = "bot/credentials";

/** A GitHub that others wrote: what it can do, the forge must do there as on our own stand-in. */
let emulator: Emulator;
let forge: Forge;
const warnings: string[] = [];

beforeAll(async () => {
  emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      tokens: { [TOKEN]: { login: "bot", scopes: ["repo", "workflow"] } },
      github: {
        users: [{ login: "bot" }, { login: "alice" }],
        repos: [{ owner: "bot", name: "credentials", auto_init: true }],
      },
    },
  });
  forge = await forgeAt(emulator.url, TOKEN, warnings, { repository: REPOSITORY });
});

afterAll(async () => {
  await emulator.close();
});

async function posted(path: string, body: unknown, method = "POST"): Promise<unknown> {
  const answer = await fetch(`${emulator.url}/repos/${REPOSITORY}${path}`, {
    method,
    headers: { authorization: `token ${TOKEN}`, "content-type": "application/json" },
    ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json();
}

describe("on a GitHub that others wrote", () => {
  // It says of every login that issues cannot be assigned to it.
  test("issues are opened, changed, closed with a reason, and found by their label", async () => {
    const draft = { title: "orders-db", body: "Rotate it.", labels: ["cre", "critical"] };
    const made = await forge.createIssue({ ...draft, assignees: ["bot", "nobody"] }, signal);
    expect(made).toMatchObject({ ...draft, state: "open", assignees: [], author: "bot" });
    await forge.updateIssue(made.number, { body: "Healed.", state: "closed", reason: "not-planned" }, signal);
    expect(await forge.issues("cre", signal)).toEqual([
      { ...made, body: "Healed.", state: "closed", closedAs: "not-planned" },
    ]);
    expect(await forge.issues("other", signal)).toEqual([]);
    expect(await posted(`/issues/${made.number}`, undefined, "GET")).toMatchObject({
      state_reason: "not_planned",
    });
    expect(warnings).toHaveLength(2);
  });

  test("all pages of issues are listed, oldest first", async () => {
    const numbers: number[] = [];
    for (let index = 0; index < 105; index += 1) {
      const draft = { title: `violation ${index}`, body: "", labels: ["many"], assignees: [] };
      numbers.push((await forge.createIssue(draft, signal)).number);
    }
    expect((await forge.issues("many", signal)).map(({ number }) => number)).toEqual(numbers);
  });

  test("comments are made", async () => {
    const draft = { title: "t", body: "", labels: [], assignees: [] };
    const { number } = await forge.createIssue(draft, signal);
    await forge.comment(number, "A word.", signal);
    expect(await posted(`/issues/${number}/comments`, undefined, "GET")).toMatchObject([
      { body: "A word.", user: { login: "bot" } },
    ]);
  });

  test("files are read at a branch, and one that is not there is missing", async () => {
    const content = Buffer.from("naïve: 1\n").toString("base64");
    await posted("/contents/docs/a%20b.yaml", { message: "m", content, branch: "main" }, "PUT");
    expect(await forge.fileAt("main", "docs/a b.yaml", signal)).toMatchObject({ text: "naïve: 1\n" });
    expect(await forge.fileAt("main", "docs/other.yaml", signal)).toBeUndefined();
  });

  test("workflows, runs and the token's end are asked for", async () => {
    expect(await forge.schedules(signal)).toEqual([]);
    expect(await forge.isRunOver(`${REPOSITORY}/1/1`, signal)).toBeUndefined();
    expect(await forge.tokenExpiry(signal)).toBeUndefined();
  });

  test("its gaps are told as such: it has no GraphQL for the login, and no commits/{sha}/pulls", async () => {
    for (const call of [
      forge.login(signal),
      forge.keepComment(1, "<!-- m -->", "text", signal),
      forge.changeOf("main", signal),
    ]) {
      await expect(call).rejects.toMatchObject({ outcome: "refused", code: "not-found" });
    }
  });
});
