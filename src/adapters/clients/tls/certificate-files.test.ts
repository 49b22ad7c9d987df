import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CertificateFiles } from "./certificate-files.ts";

const place = { root: "" };

beforeAll(async () => {
  place.root = await mkdtemp(join(tmpdir(), "cre-files-"));
  await mkdir(join(place.root, "allowed/below"), { recursive: true });
  await mkdir(join(place.root, "allowed-too"));
  await writeFile(join(place.root, "allowed/below/chain.pem"), "a chain");
  await writeFile(join(place.root, "allowed-too/chain.pem"), "not allowed");
  await writeFile(join(place.root, "allowed/huge.pem"), Buffer.alloc(5 * 1024 * 1024));
  await symlink(join(place.root, "allowed-too/chain.pem"), join(place.root, "allowed/link.pem"));
  await symlink(join(place.root, "allowed/below"), join(place.root, "allowed/inside"));
  execFileSync("mkfifo", [join(place.root, "allowed/pipe.pem")]);
});
afterAll(async () => rm(place.root, { recursive: true, force: true }));

async function read(path: string): Promise<unknown> {
  const files = new CertificateFiles([join(place.root, "allowed")], async (file) =>
    file === "certs/shop.pem" ? new TextEncoder().encode("from the repository") : undefined,
  );
  const found = await files.read(path.startsWith("certs/") ? path : join(place.root, path));
  return "text" in found ? found.text : found.failure.code;
}

test.each([
  ["certs/shop.pem", "from the repository"],
  ["certs/other.pem", "missing"],
  ["allowed/below/chain.pem", "a chain"],
  ["allowed/inside/chain.pem", "a chain"],
  ["allowed/link.pem", "not-allowed"],
  ["allowed-too/chain.pem", "not-allowed"],
  ["allowed/none.pem", "missing"],
  ["allowed/below/chain.pem/x", "missing"],
  ["allowed/below", "unreadable"],
  ["allowed/pipe.pem", "unreadable"],
  ["allowed/huge.pem", "too-large"],
])("%s: %s", async (path, expected) => {
  expect(await read(path)).toBe(expected);
});
