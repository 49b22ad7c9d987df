import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPorts } from "../../app/acting/open-ports.ts";
import { requestCommand } from "../../app/acting/person-commands.ts";
import { epochSeconds, type Instant } from "../../core/model/instant.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import { recordCommand } from "../../runner/record-command.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { type OnPoint, withFailpoints } from "./failpoints.ts";
import { Records } from "./records.ts";
import {
  type AnyTenant,
  type Settled,
  type Surroundings,
  settleTenant,
  type Tenant,
  type TenantPlan,
} from "./tenant.ts";
import { BEGINNING, clockFrom } from "./virtual-clock.ts";

export interface RunAtOptions {
  /** `onPoint` hears of questions, too. */
  readonly probes?: boolean;
  /** Only these credentials. */
  readonly only?: ReadonlySet<string>;
  /** How long an effect or a question may take, in milliseconds, whatever the runner allows. */
  readonly timeLimit?: number;
}

/** Credentials with their consumers, and their documents in one real remote: they rotate as one wave. */
export interface WaveEstate<T extends AnyTenant = Tenant> {
  readonly root: string;
  readonly remote: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tenants: readonly T[];
  /** A fresh clone of the remote: what a runner on another machine starts from. */
  clone(): string;
  /** No consumer is in the middle of a sign-in, which would end at another time than it began. */
  atRest(): Promise<void>;
  /** Sets the consumers' clock, which a signed request must agree with. */
  setClock(at: Instant): void;
  /** One scheduled run in this process, from a fresh clone, on a clock that starts at `at`. */
  runAt(at: Instant, onPoint?: OnPoint, options?: RunAtOptions): Promise<RunReport>;
  /** A person's `cre proceed` for one credential. */
  proceed(at: Instant, credential: string): Promise<void>;
  /** A person's `cre retry` for one credential. */
  retry(at: Instant, credential: string): Promise<void>;
  dispose(): Promise<void>;
}

/** An estate of one credential. */
export interface Estate extends WaveEstate, Tenant {}

/** Makes one credential with its provider, consumer and documents. */
export type Settle<T extends AnyTenant> = (around: Surroundings) => Promise<Settled<T>>;

/** One repository for all of these credentials on PostgreSQL. */
export async function createWave(plans: readonly TenantPlan[]): Promise<WaveEstate> {
  return createEstate(plans.map((plan) => async (around) => settleTenant(plan, around)));
}

/** One repository for credentials of any kind. */
export async function createEstate<T extends AnyTenant>(
  settling: readonly Settle<T>[],
): Promise<WaveEstate<T>> {
  const root = mkdtempSync(join(tmpdir(), "cre-conformance-"));
  const remote = join(root, "remote.git");
  let offset = 0;
  const setClock = (at: Instant): void => {
    offset = epochSeconds(at) * 1000 - Date.now();
  };
  setClock(BEGINNING);
  const settled: Settled<T>[] = [];
  const records = new Records(remote, git);
  const around = {
    root,
    databases: new Map<TestPostgres, string>(),
    clock: (): number => Date.now() + offset,
    readStatus: (service: string, name: string) => records.status(service, name),
  };
  for (const settle of settling) settled.push(await settle(around));
  createRemote(root, remote, documents(settled));
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    GIT_CONFIG_GLOBAL: "/dev/null",
    ...Object.assign({}, ...settled.map(({ secrets }) => secrets)),
  };
  let clones = 0;
  const clone = (): string => {
    clones += 1;
    const target = join(root, `clone-${clones}`);
    git(root, "clone", "--quiet", "--no-checkout", "--config", "core.fsync=none", remote, target);
    return target;
  };
  const atRest = async (): Promise<void> =>
    void (await Promise.all(settled.map(async ({ tenant }) => tenant.consumer.atRest?.())));
  const portsAt = async (at: Instant): Promise<RunnerPorts> => {
    setClock(at);
    const { signal } = new AbortController();
    const progress = { step: () => undefined, warn: () => undefined };
    const context = { repo: clone(), progress, signal, env, actor: "conformance" };
    return openPorts(context, { clock: clockFrom(at) });
  };
  const say = async (verb: "proceed" | "retry", at: Instant, credential: string): Promise<void> => {
    const options = { verb, credential, reason: "asked every team" };
    const said = await recordCommand(
      await portsAt(at),
      (state, inputs) => requestCommand(options, { by: "alice", at }, state, inputs.documents),
      new AbortController().signal,
    );
    if (!said.recorded) throw new Error(said.said);
  };
  return {
    root,
    remote,
    env,
    tenants: settled.map(({ tenant }) => tenant),
    clone,
    atRest,
    setClock,
    runAt: async (at, onPoint, { probes, only, timeLimit } = {}) => {
      await atRest();
      const real = await portsAt(at);
      const limit = (): AbortSignal => AbortSignal.timeout(timeLimit ?? 0);
      const ports = timeLimit === undefined ? real : { ...real, timeLimit: limit };
      const watched = onPoint === undefined ? ports : withFailpoints(ports, onPoint, probes);
      return run(watched, only === undefined ? {} : { only }, new AbortController().signal);
    },
    proceed: async (at, credential) => say("proceed", at, credential),
    retry: async (at, credential) => say("retry", at, credential),
    dispose: async () => {
      await Promise.all(settled.map(async ({ tenant }) => tenant.consumer.stop()));
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A bare remote with one commit of a person on its default branch. */
export function createRemote(root: string, remote: string, files: Readonly<Record<string, string>>): void {
  const seed = join(root, "seed");
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", remote);
  // The machine itself never dies in these tests.
  git(remote, "config", "core.fsync", "none");
  // A push of a wave stays one file.
  git(remote, "config", "receive.unpackLimit", "1");
  git(remote, "config", "receive.autogc", "false");
  git(root, "init", "--quiet", "--initial-branch=main", seed);
  for (const [path, text] of Object.entries(files)) writeInto(seed, path, text);
  git(seed, "add", ".");
  git(
    seed,
    "-c",
    "user.name=Alice",
    "-c",
    "user.email=alice@example.com",
    "commit",
    "--quiet",
    "-m",
    "Register orders-db",
  );
  git(seed, "push", "--quiet", remote, "main");
}

/** What stands changed in a clone, committed by a person on the default branch and pushed. */
export function pushAs(author: string, clone: string, message: string): void {
  git(clone, "add", ".");
  const mail = `${author.toLowerCase()}@example.com`;
  git(clone, "-c", `user.name=${author}`, "-c", `user.email=${mail}`, "commit", "--quiet", "-m", message);
  git(clone, "push", "--quiet", "origin", "main");
}

/** A file with its folders. */
export function writeInto(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** What all rotations of these suites follow. */
export const PASSWORD_POLICY = `apiVersion: cre/v1
kind: Policy
metadata: { name: database-passwords }
spec:
  match: { types: [database-password] }
  rotateWithin: 60d
  enforcement: rotate
  gracePeriod: 24h
  quietPeriod: 2d
  soakPeriod: 2d
`;

function documents(settled: readonly Settled<AnyTenant>[]): Readonly<Record<string, string>> {
  const folders = new Set(settled.flatMap(({ folder }) => (folder === undefined ? [] : [folder])));
  const commands: object = Object.assign({}, ...settled.map((one) => one.commands));
  const scan = settled.flatMap((one) => one.scan ?? []);
  const settings = `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  limits: { startsPerRun: ${Math.max(10, settled.length)} }
${folders.size === 0 ? "" : `  paths: [${[...folders].join(", ")}]\n`}${
  Object.keys(commands).length === 0 ? "" : `  commands: ${JSON.stringify(commands)}\n`
}${scan.length === 0 ? "" : `  network: { scan: ${JSON.stringify(scan)} }\n`}`;
  return {
    "registry/orders.yaml": settled.map(({ registry }) => registry).join("---\n"),
    "policies/platform.yaml": [settings, PASSWORD_POLICY, ...settled.map(({ platform }) => platform)].join(
      "---\n",
    ),
  };
}

export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { PATH: process.env["PATH"], HOME: cwd, GIT_CONFIG_GLOBAL: "/dev/null" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
