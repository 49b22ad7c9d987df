import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { freePort } from "../free-port.ts";

/** A moto server of its own on 127.0.0.1, and the first user of its account. */
export interface MotoServer {
  readonly endpoint: string;
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string };
  close(): Promise<void>;
}

const READY_MILLISECONDS = 30_000;

/** So many actions are not checked, after which every request must be signed: those that make the admin. */
const FIRST_ACTIONS = 3;

/**
 * Python imports this by itself before anything else. moto 5.2.1 knows no inactive keys when it checks signatures
 * (moto/iam/access_control.py), so that every proof that a key is dead would be none; and it forgets the tags of a
 * certificate that is imported again (moto/acm/models.py), which stay at AWS.
 */
const SITE = `
import moto.iam.access_control as access

_original = access.IAMUserAccessKey.__init__

def _init(self, account_id, partition, access_key_id, headers):
    _original(self, account_id, partition, access_key_id, headers)
    for user in self.backend.list_users("/", None, None):
        for key in user.access_keys:
            if key.access_key_id == access_key_id and key.status != "Active":
                raise access.CreateAccessKeyFailure(reason="InvalidId")

access.IAMUserAccessKey.__init__ = _init

import moto.acm.models as acm

_import = acm.AWSCertificateManagerBackend.import_certificate

def _import_again(self, certificate, private_key, chain, arn, tags):
    known = self._certificates.get(arn)
    imported = _import(self, certificate, private_key, chain, arn, tags)
    if known is not None:
        self._certificates[arn].tags = known.tags
    return imported

acm.AWSCertificateManagerBackend.import_certificate = _import_again
`;

/** Starts moto with authentication and makes its admin. `program` is the path of `moto_server`. */
export async function startMotoServer(program: string, region: string): Promise<MotoServer> {
  const folder = await mkdtemp(join(tmpdir(), "cre-moto-"));
  try {
    await writeFile(join(folder, "sitecustomize.py"), SITE);
    for (let tries = 0; ; tries += 1) {
      const port = await freePort();
      const running = await run(program, folder, port);
      if (running !== undefined) {
        const close = async (): Promise<void> => {
          running.process.kill("SIGKILL");
          await running.ended;
          await rm(folder, { recursive: true, force: true });
        };
        const endpoint = `http://127.0.0.1:${port}`;
        try {
          return { endpoint, admin: await makeAdmin(endpoint, region), close };
        } catch (error) {
          await close();
          throw error;
        }
      }
      if (tries === 4) throw new Error("moto_server does not start");
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

/** Undefined when it ended at once: somebody else took the port between our look and the start. */
async function run(program: string, folder: string, port: number): Promise<Running | undefined> {
  const moto = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      LC_ALL: "C.UTF-8",
      TZ: "UTC",
      PYTHONPATH: folder,
      PYTHONDONTWRITEBYTECODE: "1",
      INITIAL_NO_AUTH_ACTION_COUNT: String(FIRST_ACTIONS),
    },
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => {
    moto.once("exit", () => resolve());
    moto.once("error", () => resolve());
  });
  const kill = (): void => void moto.kill("SIGKILL");
  process.once("exit", kill);
  void ended.then(() => process.off("exit", kill));
  const deadline = Date.now() + READY_MILLISECONDS;
  while (Date.now() < deadline && moto.exitCode === null && moto.signalCode === null) {
    if (await answers(port)) return { process: moto, ended };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  moto.kill("SIGKILL");
  await ended;
  return undefined;
}

/** The page of moto's own, which counts as no action. */
async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/moto-api/data.json`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function makeAdmin(endpoint: string, region: string): Promise<MotoServer["admin"]> {
  const iam = new IAMClient({
    endpoint,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: "not-checked-yet", secretAccessKey: "not-checked-yet" },
  });
  const UserName = "admin";
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName,
      PolicyName: "everything",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      }),
    }),
  );
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  iam.destroy();
  if (key?.AccessKeyId === undefined || key.SecretAccessKey === undefined) {
    throw new Error("moto made no key");
  }
  return { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
}
