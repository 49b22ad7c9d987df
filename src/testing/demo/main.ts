// `npm run demo`: real PostgreSQL passwords rotated by policy from a git repository, through a kill and a compromise.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canLogIn } from "../conformance/proofs.ts";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import { createRepository, createRoles, DATABASE, documents, type FirstLogins, git } from "./company.ts";
import { Narrator } from "./narrator.ts";
import { openShop, type Shop } from "./shop.ts";

const CLI = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const SUMMARY = fileURLToPath(new URL("../../../test-results/demo-summary.md", import.meta.url));
/** Longer than grace, quiet and soak of the demo's policy. */
const NEXT_RUN_MS = 1500;

interface Scene {
  readonly tell: Narrator;
  readonly postgres: TestPostgres;
  readonly shop: Shop;
  readonly checkout: string;
  readonly remote: string;
  readonly env: NodeJS.ProcessEnv;
  readonly problems: string[];
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly printed: string;
}

function startCre(scene: Scene, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  scene.tell.command(`cre ${args.join(" ")}`);
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CLI, ...args], {
    cwd: scene.checkout,
    env: scene.env,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      printed += text;
    });
  }
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code, signal) => done({ code, signal, printed }));
  });
  return { child, ended };
}

async function cre(scene: Scene, args: readonly string[], expected = 0): Promise<string> {
  const { code, printed } = await startCre(scene, args).ended;
  scene.tell.output(printed);
  if (code !== expected) problem(scene, `cre ${args[0]} ended with ${code}, not ${expected}`);
  return printed;
}

function check(scene: Scene, held: boolean, text: string): void {
  if (held) scene.tell.good(text);
  else problem(scene, text);
}

function problem(scene: Scene, text: string): void {
  scene.tell.bad(text);
  scene.problems.push(text);
}

async function works({ postgres }: Scene, { username, password }: FirstLogins[string]): Promise<boolean> {
  return canLogIn(postgres, { database: DATABASE, user: username, password });
}

async function untilNextRun(): Promise<void> {
  await new Promise((done) => setTimeout(done, NEXT_RUN_MS));
}

async function adoptAndRotate(scene: Scene): Promise<void> {
  const { tell, shop } = scene;
  tell.chapter("A person registers three database passwords; the policy says 60 days");
  await cre(scene, ["validate"]);
  await cre(scene, ["list"]);
  tell.chapter("The scheduled job runs for the first time: it only records and marks what is there");
  await cre(scene, ["run"]);
  tell.chapter("The next run rotates what is due, and is killed in the middle of it");
  const before = shop.current("orders-db");
  const { child, ended } = startCre(scene, ["run"]);
  shop.onRequest((phase) => {
    if (phase === "stage") child.kill("SIGKILL");
  });
  const { signal } = await ended;
  shop.onRequest(() => undefined);
  check(scene, signal === "SIGKILL", "SIGKILL, just as the new password arrived at the application");
  check(scene, await works(scene, before), "the old password of orders-db still works");
  await cre(scene, ["status"]);
  tell.chapter("The next run finds what the dead one left, and goes on");
  await cre(scene, ["run"]);
  const after = shop.current("orders-db");
  check(
    scene,
    after.password !== before.password && (await works(scene, after)),
    `the application uses the new password (as ${after.username})`,
  );
  tell.chapter("Runs later: proof that the old ones are unused, then their end, reversibly first");
  for (let runs = 0; runs < 3; runs += 1) {
    await untilNextRun();
    await cre(scene, ["run"]);
  }
  check(scene, !(await works(scene, before)), "the old password of orders-db is dead");
}

async function compromise(scene: Scene): Promise<void> {
  const { tell, shop } = scene;
  tell.chapter("3 a.m.: billing-db's password was printed in a build log");
  const burnt = shop.current("billing-db");
  check(scene, await works(scene, burnt), "the leaked password works");
  await cre(scene, ["compromise", "billing-db", "--reason", "printed in a build log", "--wait"]);
  check(scene, !(await works(scene, burnt)), "the leaked password is dead");
  check(scene, await works(scene, shop.current("billing-db")), "the application works with another one");
}

async function prove(scene: Scene): Promise<void> {
  const { tell, remote, shop } = scene;
  tell.chapter("What an auditor sees");
  const head = (await cre(scene, ["audit", "verify"])).trim();
  check(scene, head !== "", "the audit chain is whole");
  await cre(scene, ["audit", "billing-db"]);
  tell.command("git log --format=%s cre/state");
  tell.output(git(remote, "log", "--format=%s", "--max-count=12", "cre/state"));
  const objects = git(remote, "cat-file", "--batch-all-objects", "--batch");
  const secrets = ["orders-db", "billing-db", "reports-db"].map((name) => shop.current(name).password);
  check(
    scene,
    secrets.every((secret) => !objects.includes(secret)),
    "no password is in any object of the repository",
  );
  check(
    scene,
    secrets.every((secret) => !scene.postgres.logText().includes(secret)),
    "no password is in the log of PostgreSQL (log_statement=all)",
  );
}

async function main(): Promise<void> {
  const tell = new Narrator();
  const root = mkdtempSync(join(tmpdir(), "cre-demo-"));
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());
  tell.chapter("Credential Rotation Enforcer: a demo on a real PostgreSQL");
  const postgres = await startPostgres({ settings: { log_statement: "all" } });
  const cleaners: (() => Promise<unknown>)[] = [
    async () => postgres.stop(),
    async () => rmSync(root, { recursive: true, force: true }),
  ];
  try {
    const adminPassword = randomBytes(12).toString("hex");
    const hookKey = randomBytes(16).toString("hex");
    const initial = await createRoles(postgres, adminPassword);
    const shop = await openShop({
      key: { id: "k1", secret: hookKey },
      host: postgres.host,
      port: postgres.port,
      database: DATABASE,
      initial,
    });
    cleaners.unshift(async () => shop.stop());
    const { remote, checkout } = createRepository(root, documents(postgres, shop.url));
    tell.say(
      `PostgreSQL on port ${postgres.port}, a bare git remote, and an application that logs in 40 times a second per password`,
    );
    const env = {
      PATH: process.env["PATH"],
      HOME: root,
      PG_ADMIN: adminPassword,
      HOOK_KEY: hookKey,
      USER: "dana",
      NO_COLOR: "1",
      COLUMNS: "100",
    };
    const scene: Scene = { tell, postgres, shop, checkout, remote, env, problems: [] };
    for (const act of [adoptAndRotate, compromise, prove]) if (!interrupted.signal.aborted) await act(scene);
    tell.chapter("The count");
    check(
      scene,
      shop.failures().length === 0,
      `${shop.logins()} logins by the application, ${shop.failures().length} failed${shop.failures()[0] === undefined ? "" : ` (${shop.failures()[0]})`}`,
    );
    tell.say(`${tell.seconds} s`);
    if (scene.problems.length > 0) process.exitCode = 1;
    if (interrupted.signal.aborted) process.exitCode = 4;
  } finally {
    for (const clean of cleaners) await clean().catch(() => undefined);
  }
  mkdirSync(join(SUMMARY, ".."), { recursive: true });
  writeFileSync(SUMMARY, `# Demo\n${tell.told.join("\n")}\n`);
  process.stdout.write(`\n  The summary is in ${SUMMARY}\n`);
}

await main();
