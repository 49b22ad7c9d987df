import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { locate, remoteName } from "./repository.ts";
import { expiryOf } from "./token-expiry.ts";

interface Said {
  readonly repository?: string;
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly remote?: string;
}

async function located({ repository, url, env = {}, remote }: Said) {
  return locate({ repository, url, env, remoteUrl: async () => remote });
}

describe("which repository it is", () => {
  const remote = "git@github.com:acme/from-remote.git";
  const env = { GITHUB_REPOSITORY: "acme/from-workflow" };

  test("is said by the settings, else by the workflow, else by the git remote", async () => {
    const repository = "acme/from-settings";
    expect(await located({ repository, env, remote })).toMatchObject({ repo: "from-settings" });
    expect(await located({ env, remote })).toMatchObject({ repo: "from-workflow" });
    expect(await located({ remote })).toEqual({
      owner: "acme",
      repo: "from-remote",
      api: "https://api.github.com",
      web: "https://github.com",
    });
  });

  test.each([
    "https://github.com/acme/credentials",
    "https://github.com/acme/credentials.git/",
    "https://x-access-token:secret@github.com/acme/credentials.git",
    "git@github.com:acme/credentials.git",
    "github.com:acme/credentials",
    "ssh://git@github.com/acme/credentials.git",
    "ssh://git@ssh.github.com:443/acme/credentials.git",
    "git+ssh://git@GitHub.com/acme/credentials",
  ])("is read from the remote %s", async (url) => {
    expect(await located({ remote: url })).toMatchObject({ owner: "acme", repo: "credentials" });
  });

  test.each([
    undefined,
    "/srv/git/credentials.git",
    "file:///srv/acme/credentials.git",
    "https://github.com/a/b/c",
    "..:a/b",
  ])("is not known from the remote %s, which is told with what to write", async (url) => {
    await expect(located(url === undefined ? {} : { remote: url })).rejects.toMatchObject({
      fix: expect.stringContaining("forge."),
    });
  });

  test("a remote of another host needs the address of its API, and no login of the remote is told", async () => {
    const url = "https://bot:canary-secret@git.example.com/acme/credentials.git";
    const failure = await located({ remote: url }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "forge-url", fix: expect.stringContaining("forge.url") });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("canary-secret");
    expect(await located({ remote: url, url: "https://git.example.com/api/v3/" })).toEqual({
      owner: "acme",
      repo: "credentials",
      api: "https://git.example.com/api/v3",
      web: "https://git.example.com",
    });
  });

  test("whatever a remote says, a name has no path in it", () => {
    const texts = fc.tuple(fc.string(), fc.webUrl());
    const names = fc
      .sample(texts, 100)
      .flatMap(([text, url]) =>
        [text, url, `git@github.com:${text}`, `https://github.com/${text}`].map(
          (remote) => remoteName(remote)?.name,
        ),
      );
    expect(names.filter((name) => name !== undefined && !/^[\w-]+\/[\w.-]+$/.test(name))).toEqual([]);
  });
});

describe("where its API is", () => {
  const repository = "acme/credentials";

  test("is said by the settings, else by the workflow, else it is github.com's", async () => {
    const env = { GITHUB_API_URL: "https://api.acme.ghe.com" };
    expect(await located({ repository, env })).toMatchObject({
      api: "https://api.acme.ghe.com",
      web: "https://acme.ghe.com",
    });
    expect(await located({ repository, env, url: "http://127.0.0.1:80/api/v3" })).toMatchObject({
      api: "http://127.0.0.1:80/api/v3",
    });
    expect(await located({ repository, env: { GITHUB_API_URL: "" } })).toMatchObject({
      api: "https://api.github.com",
    });
  });

  test.each([
    "http://github.example.com/api/v3",
    "https://user:canary@github.example.com/api/v3",
    "http://localhost:x@elsewhere.example/",
    "https://",
  ])("%s is no place for a token", async (url) => {
    await expect(located({ repository, url })).rejects.toMatchObject({ code: "forge-url" });
  });
});

test.each([
  ["2031-01-01 00:00:00 UTC", "2031-01-01T00:00:00Z"],
  ["2031-01-01 12:00:00 -0600", "2031-01-01T18:00:00Z"],
  ["2031-01-01 12:00:00 +05:30", "2031-01-01T06:30:00Z"],
  ["soon", undefined],
  ["2031-13-01 00:00:00 UTC", undefined],
  [undefined, undefined],
])("the header %s means %s", (header, expected) => {
  expect(expiryOf(header)).toBe(expected);
});
