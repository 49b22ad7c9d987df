import { appendFile, readFile, writeFile } from "node:fs/promises";
import { instantOf } from "../../../core/model/instant.ts";
import { bindAccount, DEPLOY_KEY } from "../../../testing/services/ssh/account.ts";
import { sshServers, startSshHost, testKey } from "../../../testing/services/ssh/ssh-host.ts";
import type { OverlapBench } from "../../../testing/suites/overlap-bench.ts";
import { describeOverlapRotator } from "../../../testing/suites/rotator-suite.ts";
import { signIn } from "../../clients/ssh/session.ts";

const { signal } = new AbortController();

/** What else stands in such files: nothing of it may change. */
function strangersText(): string {
  return [
    "# keys of the account\r",
    "",
    `restrict,command="echo \\"a, b\\"" ${testKey().publicLine} cre:other-key:r-9:a-9:1`,
    `cert-authority,principals="ops" ${testKey().publicLine} ca`,
    "this is no key \u00ff",
    `#cre-off ${testKey().publicLine} cre:other-key:r-8:a-8:1\r`,
    "",
  ].join("\n");
}

async function open(server: "sshd" | "ssh2"): Promise<OverlapBench> {
  const time = { now: Math.floor(Date.now() / 1000) };
  const host = await startSshHost({ server, clock: () => time.now * 1000 });
  await writeFile(host.file, `${await readFile(host.file, "latin1")}${strangersText()}`, "latin1");
  const byHand: string[] = [];
  const target = {
    name: "web-1",
    connection: {
      host: host.host,
      port: host.port,
      hostKey: host.hostKey,
      user: host.user,
      key: { env: "K" },
    },
  };
  const provider = { file: host.file, authLog: host.authLog };
  const ports = { clock: { now: () => instantOf(time.now) } };
  return {
    bind: async () => bindAccount([host], { provider, ports }),
    now: () => instantOf(time.now),
    pass: (seconds) => {
      time.now += seconds;
      host.tellTime();
    },
    addByHand: async () => {
      const { publicLine } = testKey();
      byHand.push(publicLine);
      await appendFile(host.file, `${publicLine} by hand\n`);
    },
    logIn: async (parts) => {
      const key = parts.get("privateKey");
      if (key === undefined) return false;
      return signIn(target, { user: host.user, key }, { readFile: () => "" }, signal).then(
        (session) => {
          session.close();
          return true;
        },
        () => false,
      );
    },
    others: async () =>
      (await readFile(host.file, "latin1"))
        .split("\n")
        .filter(
          (line) => !line.includes(` cre:${DEPLOY_KEY}:`) && byHand.every((key) => !line.includes(key)),
        ),
    close: async () => host.close(),
  };
}

for (const server of sshServers()) {
  describeOverlapRotator(
    `authorized-keys (${server})`,
    {
      fencesEpochs: true,
      seesUse: true,
      seesRefusedUse: false,
      // A login takes sshd ten times as long.
      repetitions: server === "sshd" ? 1 : 8,
    },
    async () => open(server),
  );
}
