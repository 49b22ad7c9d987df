import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { alternate, type Comparison, compare } from "../rounds.ts";

/** What the serving process says once it serves. */
export interface Served {
  readonly root: string;
  readonly endpoints: readonly { readonly port: number; readonly verdict: readonly string[] }[];
}

const ENDPOINTS = 1000;
const ROUNDS = 5;
const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * Whole processes: ours with its start, and for each endpoint one `openssl s_client` whose leaf `openssl x509` reads,
 * eight at a time. Both verify the chain and the name. The endpoints are served by a third process on the same machine.
 */
export async function compareTlsScan(): Promise<Comparison | undefined> {
  if (!(await hasPeer())) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "cre-bench-"));
  const server = spawn(process.execPath, [script("serve.ts"), String(ENDPOINTS)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const served = await servedBy(server);
    const file = join(folder, "endpoints.json");
    const root = join(folder, "root.pem");
    await writeFile(file, JSON.stringify(served));
    await writeFile(root, served.root);
    const wrong = new Set<string>();
    const ours = async (): Promise<void> => {
      const { stdout } = await run(process.execPath, [script("scan.ts"), file], { maxBuffer: 1 << 24 });
      for (const fault of faultsIn(JSON.parse(stdout) as string[][], served)) wrong.add(fault);
    };
    const ports = served.endpoints.map(({ port }) => port).join("\n");
    await ours();
    const times = await alternate(ROUNDS, ours, async () => peer(ports, root));
    return compare({ id: "T1", goal: 20, stretch: 40 }, times, [...wrong]);
  } finally {
    server.stdin?.end();
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function hasPeer(): Promise<boolean> {
  try {
    await run("openssl", ["version"]);
    await run("xargs", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

async function servedBy(server: ChildProcess): Promise<Served> {
  if (server.stdout === null) throw new Error("the server has no output");
  // Written by serve.ts.
  for await (const line of createInterface(server.stdout)) return JSON.parse(line) as Served;
  throw new Error("the endpoints are not served");
}

function faultsIn(verdicts: readonly (readonly string[])[], { endpoints }: Served): readonly string[] {
  return endpoints.flatMap(({ verdict }, at) => {
    const said = verdicts[at]?.join(" ") ?? "nothing";
    return said === verdict.join(" ")
      ? []
      : [`${at}: ${said || "all right"} in place of ${verdict.join(" ") || "all right"}`];
  });
}

/** What it takes to learn of each what ours tells: whether its chain and its name are right, and the leaf's facts. */
async function peer(ports: string, root: string): Promise<void> {
  const client = `openssl s_client -connect 127.0.0.1:{} -servername localhost -verify_hostname localhost -CAfile ${root}`;
  const reader =
    "openssl x509 -noout -subject -issuer -serial -dates -ext subjectAltName -fingerprint -sha256";
  const line = `${client} -cipher DEFAULT:@SECLEVEL=0 -showcerts </dev/null | ${reader}`;
  const xargs = spawn("xargs", ["-P8", "-I{}", "sh", "-c", line], { stdio: ["pipe", "ignore", "ignore"] });
  xargs.stdin.end(`${ports}\n`);
  await once(xargs, "close");
}
