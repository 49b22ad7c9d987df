import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SecretRef } from "../../core/documents/common.ts";
import { CreError } from "../../core/model/errors.ts";
import { createSecretSource } from "./secret-source.ts";

let folder: string;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-secret-source-"));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function source(env: Record<string, string> = {}) {
  return createSecretSource({ env, warn: (message) => warnings.push(message) });
}

async function file(content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(folder, "key");
  await writeFile(path, content, { mode });
  await chmod(path, mode);
  return path;
}

async function refusal(reference: SecretRef, env: Record<string, string> = {}): Promise<CreError> {
  const outcome = await source(env)
    .read(reference)
    .catch((error: unknown) => error);
  if (!(outcome instanceof CreError)) throw new Error(`not refused: ${inspect(outcome)}`);
  return outcome;
}

describe("variables", () => {
  test("are taken byte for byte", async () => {
    expect((await source({ KEY: " ä secret " }).read({ env: "KEY" })).reveal()).toBe(" ä secret ");
  });

  test("with a newline at the end are kept and warned about, without the value", async () => {
    expect((await source({ KEY: "canary-1\n" }).read({ env: "KEY" })).reveal()).toBe("canary-1\n");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("KEY");
    expect(warnings[0]).not.toContain("canary-1");
  });

  test("with a key file end with its newline, and nobody is warned", async () => {
    const text = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----\n";
    expect((await source({ KEY: text }).read({ env: "KEY" })).reveal()).toBe(text);
    expect(warnings).toEqual([]);
  });

  test("that are missing or empty are refused by name", async () => {
    const missing = await refusal({ env: "HOOK_KEY" });
    expect([missing.code, missing.message]).toEqual(["secret-missing", "the variable HOOK_KEY is not set"]);
    expect((await refusal({ env: "HOOK_KEY" }, { HOOK_KEY: "" })).code).toBe("secret-empty");
  });

  test("are present when they are set and not empty", () => {
    expect(source({ KEY: "x" }).present({ env: "KEY" })).toBe(true);
    expect(source({ KEY: "" }).present({ env: "KEY" })).toBe(false);
    expect(source().present({ env: "KEY" })).toBe(false);
  });
});

describe("files", () => {
  test.each([
    ["canary\n", "canary"],
    ["canary\r\n", "canary"],
    ["canary\n\n", "canary\n"],
    [" canary ", " canary "],
  ])("%j gives %j: one newline at the end is dropped and nothing else", async (content, expected) => {
    expect((await source().read({ file: await file(content) })).reveal()).toBe(expected);
  });

  test("that are links to regular files work, as container platforms mount them", async () => {
    const link = join(folder, "link");
    await symlink(await file("canary"), link);
    expect((await source().read({ file: link })).reveal()).toBe("canary");
    expect(source().present({ file: link })).toBe(true);
  });

  test("that everybody can read are warned about, those that everybody can write are refused", async () => {
    expect((await source().read({ file: await file("canary", 0o644) })).reveal()).toBe("canary");
    expect(warnings).toHaveLength(1);
    const refused = await refusal({ file: await file("canary", 0o602) });
    expect(refused.code).toBe("secret-file-writable");
    expect(refused.describe()).not.toContain("canary");
  });

  test("that are absent, empty, folders, pipes, relative, too large or binary are refused by path", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    await mkdir(join(folder, "folder"));
    expect((await refusal({ file: join(folder, "absent") })).code).toBe("secret-missing");
    expect((await refusal({ file: await file("\n") })).code).toBe("secret-empty");
    expect((await refusal({ file: join(folder, "folder") })).code).toBe("secret-not-a-file");
    expect((await refusal({ file: pipe })).code).toBe("secret-not-a-file");
    expect((await refusal({ file: "key" })).code).toBe("secret-path-relative");
    expect((await refusal({ file: await file("x".repeat(65_537)) })).code).toBe("secret-too-large");
    const binary = await refusal({ file: await file(Uint8Array.of(99, 97, 110, 0xff)) });
    expect(binary.code).toBe("secret-not-text");
    expect(inspect(binary)).not.toContain("can\\xff");
  });

  test("are present when they exist", async () => {
    expect(source().present({ file: await file("x") })).toBe(true);
    expect(source().present({ file: join(folder, "absent") })).toBe(false);
    expect(source().present({ file: folder })).toBe(false);
  });
});
