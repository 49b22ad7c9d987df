import { appendFile, readFile, writeFile } from "node:fs/promises";
import { signIn } from "../../../adapters/clients/ssh/session.ts";
import { readAuthorizedKeys } from "../../../core/authorized-keys/file.ts";
import { Secret } from "../../../core/model/secret.ts";
import { fingerprint, logLine, type SshHost } from "../../services/ssh/host-ground.ts";
import { startSshHost, testKey } from "../../services/ssh/ssh-host.ts";
import type { Hear, OverlapProvider } from "./overlap-provider.ts";

/** What is heard of each host. */
const HEARD = [/^(prepare|replace|remove authorized_keys\.cre-revert)/, /^replace$/];
/** How old the log is, in milliseconds. */
const OLD = 90 * 86_400_000;

/** The runner signs in to every host with the same key. */
const LOGIN = testKey("runner");

/** What a story can do on the hosts besides. */
export interface AuthorizedKeysProvider extends OverlapProvider {
  readonly hosts: readonly SshHost[];
}

/** An account on two hosts with one key, beside the runner's own and lines of others that nobody may change. */
export async function openAuthorizedKeysProvider(
  name: string,
  clock: () => number,
): Promise<AuthorizedKeysProvider> {
  let hear: Hear | undefined;
  const first = testKey("first");
  const hosts: SshHost[] = [];
  for (const [at, heard] of HEARD.entries()) {
    const host = await startSshHost({
      server: "ssh2",
      clock,
      login: LOGIN,
      hear: (request, side) => (heard.test(request) ? hear?.(`web-${at + 1} ${request}`, side) : undefined),
    });
    const others = `# ${at}\r\nrestrict,command="a \\"b\\", c" ${testKey().publicLine} cre:other:r:a:1\nno key`;
    await appendFile(host.file, `from="127.0.0.1" ${first.publicLine} ${name}\n${others}`);
    await writeFile(
      host.authLog,
      logLine(() => clock() - OLD, 1, "Server listening on 127.0.0.1."),
    );
    hosts.push(host);
  }
  const isOurs = (line: string): boolean => line.includes(first.publicLine) || line.includes(` cre:${name}:`);
  const [web1, web2] = hosts;
  if (web1 === undefined || web2 === undefined) throw new Error("two hosts");
  return {
    hosts,
    type: "ssh-key",
    provider: `authorized-keys: { hosts: [${name}-cloud, ${name}-second], user: deploy, authLog: /var/log/auth.log }`,
    connection: connectionText(web1),
    others: { [`${name}-second`]: connectionText(web2) },
    object: "deploy",
    secrets: { SSH_KEY: LOGIN.privateKey.reveal().trimEnd() },
    first: { privateKey: first.privateKey.reveal(), publicKey: first.publicLine },
    secretPart: "privateKey",
    seldom: 3,
    signIn: async ({ privateKey = "" }) => {
      const one = async ({ host, port, hostKey }: SshHost): Promise<void> => {
        const target = {
          name: "web",
          connection: { host, port, hostKey, user: "deploy", key: { env: "K" } },
        };
        const key = new Secret(privateKey);
        const session = await signIn(
          target,
          { user: "deploy", key },
          { readFile: () => "" },
          new AbortController().signal,
        );
        session.close();
      };
      await Promise.all(hosts.map(one));
    },
    versions: async () => {
      const found = new Map<string, boolean>();
      for (const host of hosts) {
        for (const line of readAuthorizedKeys((await linesOf(host)).filter(isOurs).join("\n")).keys) {
          const handle = fingerprint(Buffer.from(line.key, "base64"));
          found.set(handle, (found.get(handle) ?? false) || line.active);
        }
      }
      return [...found].map(([handle, live]) => ({ handle, live }));
    },
    strangers: async () =>
      Promise.all(
        hosts.map(async (host) => (await linesOf(host)).filter((line) => line !== "" && !isOurs(line))),
      ),
    listen: (next) => {
      hear = next;
    },
    stop: async () => {
      for (const host of hosts) await host.close();
    },
  };
}

async function linesOf({ file }: SshHost): Promise<readonly string[]> {
  return (await readFile(file, "latin1")).split("\n");
}

function connectionText({ port, hostKey }: SshHost): string {
  return `ssh: { host: 127.0.0.1, port: ${port}, hostKey: "${hostKey}", user: deploy, key: { env: SSH_KEY } }`;
}
