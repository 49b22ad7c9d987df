import { expect, test } from "vitest";
import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import { at } from "../../testing/evaluation/world.ts";
import { bindForge } from "./bind-forge.ts";

const NOW = at("2026-03-10");

async function bound(spec: SettingsSpec["forge"], env: Readonly<Record<string, string>> = {}) {
  return bindForge(spec, {
    env,
    remoteUrl: async () => "git@github.com:acme/credentials.git",
    clock: { now: () => NOW },
    secrets: createSecretSource({ env }),
    progress: { warn: () => undefined },
    readFile: async () => undefined,
  });
}

test("there is no forge where the settings name none", async () => {
  expect(await bound(undefined)).toBeUndefined();
  expect(await bound({ kind: "none" })).toBeUndefined();
});

test("GitHub is bound by the remote and the workflow's token, without a word over the network", async () => {
  const forge = await bound({ kind: "github" }, { GITHUB_TOKEN: "canary-token" });
  expect(forge?.label).toBe("github.com/acme/credentials");
  expect(forge?.fileUrl("registry/a.yaml", 3)).toBe(
    "https://github.com/acme/credentials/blob/HEAD/registry/a.yaml#L3",
  );
});

test.each([
  ["no token", { kind: "github" }, {}, "forge-token-missing", "GITHUB_TOKEN"],
  ["an empty token", { kind: "github" }, { GITHUB_TOKEN: "" }, "forge-token-missing", "GITHUB_TOKEN"],
  [
    "a named token that is not there",
    { kind: "github", token: { env: "FORGE" } },
    {},
    "secret-missing",
    "FORGE",
  ],
  [
    "a bundle that is not in the repository",
    { kind: "github", ca: "certs/x.pem" },
    { GITHUB_TOKEN: "t" },
    "forge-ca-missing",
    "forge.ca",
  ],
] as const)("%s is told with what to do", async (_, spec, env, code, named) => {
  await expect(bound(spec, env)).rejects.toMatchObject({ code, fix: expect.stringContaining(named) });
});
