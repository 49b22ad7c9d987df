import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
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

/** With what moto 5.2.1 lacks; the file there says it. */
const SITE = fileURLToPath(new URL("./moto-site", import.meta.url));

export interface MotoOptions {
  /** A file with the seconds that its clock is ahead of the machine's, read each time; default: it is not. */
  readonly ahead?: string;
}

/** Starts moto with authentication and makes its admin. `program` is the path of `moto_server`. */
export async function startMotoServer(
  program: string,
  region: string,
  options: MotoOptions = {},
): Promise<MotoServer> {
  for (let tries = 0; ; tries += 1) {
    const port = await freePort();
    const running = await run(program, port, options);
    if (running !== undefined) {
      const close = async (): Promise<void> => {
        running.process.kill("SIGKILL");
        await running.ended;
      };
      const endpoint = `http://127.0.0.1:${port}`;
      try {
        return { endpoint, admin: await makeMotoAdmin(endpoint, region), close };
      } catch (error) {
        await close();
        throw error;
      }
    }
    if (tries === 4) throw new Error("moto_server does not start");
  }
}

/** Empties a moto that somebody else started with our `moto-site`, and makes its admin anew. */
export async function resetMoto(endpoint: string, region: string): Promise<MotoServer["admin"]> {
  for (const [path, body] of [
    ["reset", ""],
    ["reset-auth", String(FIRST_ACTIONS)],
  ] as const) {
    const answer = await fetch(`${endpoint}/moto-api/${path}`, { method: "POST", body });
    if (!answer.ok) throw new Error(`moto answers ${path} with ${answer.status}`);
  }
  return makeMotoAdmin(endpoint, region);
}

interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

/** Undefined when it ended at once: somebody else took the port between our look and the start. */
async function run(program: string, port: number, { ahead }: MotoOptions): Promise<Running | undefined> {
  const moto = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      LC_ALL: "C.UTF-8",
      TZ: "UTC",
      PYTHONPATH: SITE,
      PYTHONDONTWRITEBYTECODE: "1",
      INITIAL_NO_AUTH_ACTION_COUNT: String(FIRST_ACTIONS),
      ...(ahead === undefined ? {} : { CRE_TEST_AHEAD: ahead }),
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

async function makeMotoAdmin(endpoint: string, region: string): Promise<MotoServer["admin"]> {
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
