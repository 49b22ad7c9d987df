import { appendFile, readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Issued, ObservedVersion } from "../../../core/ports/rotator.ts";
import { bindAccount } from "../../../testing/services/ssh/account.ts";
import type { SshHost } from "../../../testing/services/ssh/host-ground.ts";
import { startSshHost, testKey } from "../../../testing/services/ssh/ssh-host.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";

const { signal } = new AbortController();
const NAMES = ["deploy-key", "backup-key", "audit-key"] as const;
const ROUNDS = 2;

let host: SshHost;
beforeEach(async () => {
  host = await startSshHost({ server: "ssh2" });
});
afterEach(async () => host.close());

const text = async (): Promise<string> => readFile(host.file, "latin1");

/** One credential for each name, each with a key of its own in the same file, adopted. */
async function sharing() {
  return Promise.all(
    NAMES.map(async (name) => {
      const key = testKey(name);
      await appendFile(host.file, `${key.publicLine} ${name}\n`);
      return { name, key, rotator: bindAccount([host], { name, handle: key.fingerprint }) };
    }),
  );
}

describe("credentials that share a file", () => {
  test("may be changed at once: each gets its line, and nobody's is lost", async () => {
    const all = await sharing();
    const occupied: (readonly ObservedVersion[])[] = [];
    for (const { rotator } of all) {
      const [found] = await rotator.observe(signal);
      if (found === undefined) throw new Error("nothing found");
      await rotator.adopt(found, markOf("a0"), signal);
      occupied.push(await rotator.observe(signal));
    }
    const before = (await text()).split("\n");
    for (let round = 0; round < ROUNDS; round += 1) {
      const mark = markOf(`a${round + 1}`, round + 2);
      const issued = await Promise.all(
        all.map(async ({ rotator }, at) => rotator.issue(mark, occupied[at] ?? [], signal)),
      );
      const lines = (await text()).split("\n");
      expect(lines).toEqual(expect.arrayContaining([...before, ...issued.map(lineOf).map(expectLine)]));
      await Promise.all(
        all.map(async ({ rotator }) => {
          for (const version of await rotator.observe(signal)) {
            if (version.mark?.attempt === "a0") continue;
            await rotator.revoke(version, { expected: version.mark, next: mark }, signal);
          }
        }),
      );
      expect((await text()).split("\n")).toEqual(before);
    }
    expect((await readdir(dirname(host.file))).filter((name) => name.includes(".cre-"))).toEqual([]);
  });
});

function lineOf({ parts }: Issued): string {
  return parts.get("publicKey")?.reveal().split(" ").slice(0, 2).join(" ") ?? "none";
}

function expectLine(words: string): unknown {
  return expect.stringContaining(words);
}
