import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import type { AcmeService } from "./acme-service.ts";
import { directoryAnswers } from "./directory-answers.ts";

const READY_MILLISECONDS = 20_000;

/**
 * Caddy with its ACME server, an implementation of its own (smallstep's). It fetches files at port 80 alone, so only
 * the name `localhost` can be proven to it, and tells nobody what it has revoked.
 */
export async function startCaddy(program: string): Promise<AcmeService> {
  const folder = await mkdtemp(join(tmpdir(), "cre-caddy-"));
  const [http, https] = [await freePort(), await freePort()];
  const config = join(folder, "Caddyfile");
  await writeFile(
    config,
    `{
  admin off
  http_port ${http}
  https_port ${https}
  storage file_system ${folder}/storage
  skip_install_trust
}
https://localhost:${https} {
  bind 127.0.0.1
  tls internal
  acme_server
}
`,
  );
  const child = spawn(program, ["run", "--config", config, "--adapter", "caddyfile"], {
    env: { PATH: "/usr/bin:/bin", HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: "ignore",
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };
  const directory = `https://localhost:${https}/acme/local/directory`;
  try {
    const ca = await untilReady(child, directory, join(folder, "storage/pki/authorities/local/root.crt"));
    return {
      name: "Caddy",
      directory,
      ca,
      httpPort: 80,
      alternateRoot: undefined,
      profiles: [],
      hasRenewalInfo: false,
      revocationOf: async () => undefined,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(child: ChildProcess, directory: string, root: string): Promise<string> {
  const deadline = Date.now() + READY_MILLISECONDS;
  for (;;) {
    const ca = await readFile(root, "utf8").catch(() => undefined);
    if (ca !== undefined && (await directoryAnswers(directory, ca))) return ca;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("caddy does not start");
    await setTimeout(50);
  }
}
