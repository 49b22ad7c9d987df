import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createReceiver, type Receiver } from "../../../examples/webhook-receiver/receiver.ts";
import { openPorts } from "../../app/acting/open-ports.ts";
import { type Instant, instantOf } from "../../core/model/instant.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import { openConnections } from "../conformance/fleet.ts";
import { type GitHttpRemote, startGitHttpRemote } from "../services/git-http.ts";
import { createScratchRepository, type ScratchRepository } from "../services/git-remote.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import {
  DATABASE,
  documentOf,
  fileOf,
  firstPassword,
  type Member,
  POLICY_FILE,
  policy,
  SETTINGS_FILE,
  settings,
} from "./crowd-documents.ts";

/** Many credentials on one server, their consumers, and their documents in one remote that is reached over HTTP. */
export interface Crowd {
  readonly repository: ScratchRepository;
  readonly http: GitHttpRemote;
  readonly receiver: Receiver;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file of the clock that all processes share. */
  readonly clockFile: string;
  /** Where env files lie. */
  readonly folder: string;
  /** Every new version that the webhook's consumer was told to use: `NAME ATTEMPT`. */
  readonly promotions: ReadonlySet<string>;
  now(): Instant;
  /** Moves everybody's clock on. */
  advance(seconds: number): void;
  /** The path of a new clone. */
  clone(): Promise<string>;
  /** The ports of a run in this process, from a new clone. */
  ports(): Promise<RunnerPorts>;
  dispose(): Promise<void>;
}

const HOOK_KEY = "a-key-for-the-crowd";
/** A Wednesday on which nothing else happens. */
const BEGIN = Date.parse("2026-11-25T06:00:00Z");

/** `registered` have documents; the others exist at the server only, until a person registers them. */
export async function gatherCrowd(
  postgres: TestPostgres,
  folderName: string,
  membersIn: (folder: string) => {
    readonly registered: readonly Member[];
    readonly others: readonly Member[];
  },
): Promise<Crowd> {
  const repository = await createScratchRepository();
  const folder = join(repository.root, folderName);
  mkdirSync(folder);
  const { registered, others } = membersIn(folder);
  const members = [...registered, ...others];
  await createRoles(postgres, members);

  const clockFile = join(repository.root, "clock");
  let offset = BEGIN - Date.now();
  const setClock = (milliseconds: number): void => {
    offset = milliseconds;
    // Replaced whole: others read it at any moment.
    writeFileSync(`${clockFile}.new`, String(offset));
    renameSync(`${clockFile}.new`, clockFile);
  };
  setClock(offset);

  const promotions = new Set<string>();
  const receiver = await createReceiver({
    keys: new Map([["k1", HOOK_KEY]]),
    clock: () => Date.now() + offset,
    initial: Object.fromEntries(
      members.map((each) => [each.name, { username: each.roles[0], password: firstPassword(each) }]),
    ),
    log: (line) => {
      const [, name, attempt] = /^(\S+): promote (\S+): 200$/.exec(line) ?? [];
      if (name !== undefined) promotions.add(`${name} ${attempt}`);
    },
  });
  const hook = createServer((request, response) => {
    receiver.handle(request, response);
  });
  hook.listen(0, "127.0.0.1");
  await once(hook, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = hook.address() as AddressInfo;
  await repository.commit({
    files: {
      ...Object.fromEntries(registered.map((each) => [fileOf(each), documentOf(each)])),
      [SETTINGS_FILE]: settings(folder, 1000),
      [POLICY_FILE]: policy("24h"),
      "policies/connections.yaml": openConnections(postgres, `http://127.0.0.1:${port}/credentials`),
    },
    message: "Register the crowd",
    at: new Date(BEGIN).toISOString(),
  });
  const http = await startGitHttpRemote(repository.path);
  const env = { ...repository.env, PG_ADMIN: postgres.password, HOOK_KEY };
  const now = (): Instant => instantOf((Date.now() + offset) / 1000);
  const clone = async (): Promise<string> => {
    // From the disk, since so many are made; from then on it knows nothing but the way over HTTP.
    const made = await repository.clone({ args: ["--no-checkout"] });
    await made.git("remote", "set-url", "origin", http.url);
    return made.path;
  };
  return {
    repository,
    http,
    receiver,
    env,
    clockFile,
    folder,
    promotions,
    now,
    advance: (seconds) => setClock(offset + seconds * 1000),
    clone,
    ports: async () => {
      const progress = { step: () => undefined, warn: () => undefined };
      const { signal } = new AbortController();
      return openPorts({ repo: await clone(), progress, signal, env, actor: "carol" }, { clock: { now } });
    },
    dispose: async () => {
      await http.close();
      hook.closeAllConnections();
      hook.close();
      await repository.dispose();
    },
  };
}

async function createRoles(postgres: TestPostgres, members: readonly Member[]): Promise<void> {
  await postgres.admin("CREATE ROLE crowd_owner NOLOGIN");
  await postgres.admin(`CREATE DATABASE ${DATABASE} OWNER crowd_owner`);
  const statements = members.flatMap((each) => [
    `CREATE ROLE ${each.roles[0]} LOGIN PASSWORD '${firstPassword(each)}'`,
    `CREATE ROLE ${each.roles[1]} NOLOGIN`,
    `GRANT crowd_owner TO ${each.roles.join(", ")}`,
    ...each.roles.map((role) => `ALTER ROLE ${role} SET role = 'crowd_owner'`),
  ]);
  await postgres.admin(statements.join("; "));
}
