import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exchange } from "../../../adapters/clients/http/exchange.ts";
import { createAuthority } from "../certificates.ts";
import { freePort } from "../free-port.ts";
import type { KubernetesBinaries } from "./binaries.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";
import type { PolicyRule } from "./permissions.ts";

const START_SECONDS = 60;

/** The real `kube-apiserver` on an `etcd` of its own, with nothing else of a cluster. */
export async function startRealServer({ apiserver, etcd }: KubernetesBinaries): Promise<KubernetesServer> {
  const folder = mkdtempSync(join(tmpdir(), "cre-kubernetes-"));
  const at = (name: string): string => join(folder, name);
  const [clients, peers, port] = [await freePort(), await freePort(), await freePort()];
  const authority = createAuthority();
  const { key, certificate } = authority.issue(["127.0.0.1", "localhost"]);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const tokens = { admin: randomBytes(16).toString("hex"), runner: randomBytes(16).toString("hex") };
  writeFileSync(at("server.key"), key);
  writeFileSync(at("server.crt"), certificate);
  writeFileSync(at("accounts.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  writeFileSync(
    at("tokens.csv"),
    `${tokens.admin},admin,admin,"system:masters"\n${tokens.runner},runner,runner\n`,
  );
  const processes = [
    start(etcd, folder, [
      `--data-dir=${at("etcd")}`,
      `--listen-client-urls=http://127.0.0.1:${clients}`,
      `--advertise-client-urls=http://127.0.0.1:${clients}`,
      `--listen-peer-urls=http://127.0.0.1:${peers}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peers}`,
      `--initial-cluster=default=http://127.0.0.1:${peers}`,
    ]),
    start(apiserver, folder, [
      `--etcd-servers=http://127.0.0.1:${clients}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${port}`,
      `--tls-cert-file=${at("server.crt")}`,
      `--tls-private-key-file=${at("server.key")}`,
      `--token-auth-file=${at("tokens.csv")}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://localhost",
      `--service-account-key-file=${at("accounts.key")}`,
      `--service-account-signing-key-file=${at("accounts.key")}`,
      "--service-cluster-ip-range=10.0.0.0/24",
      // No controller makes the account that it asks for.
      "--disable-admission-plugins=ServiceAccount",
    ]),
  ];
  const url = `https://127.0.0.1:${port}`;
  const { ca } = authority;
  const close = async (): Promise<void> => {
    await Promise.all(processes.map(stop));
    rmSync(folder, { recursive: true, force: true });
  };
  const ask: Ask = async (method, path, token, body) => {
    const answer = await exchange(
      new URL(url),
      ca,
      {
        method,
        path,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: body === undefined ? "" : JSON.stringify(body),
        largestAnswer: 1024 * 1024,
      },
      AbortSignal.timeout(10_000),
    );
    return { status: answer.status, text: answer.body.toString("utf8") };
  };
  try {
    await until("kube-apiserver is ready", async () => {
      const answer = await ask("GET", "/readyz", tokens.admin);
      return answer.text === "ok";
    });
  } catch (error) {
    const log = readFileSync(at("kube-apiserver.log"), "utf8").slice(-2000);
    await close();
    throw new Error(`the real API server did not start: ${log}`, { cause: error });
  }
  return {
    name: "kube-apiserver",
    url,
    ca,
    tokens,
    addNamespace: async (name) => {
      await ask("POST", "/api/v1/namespaces", tokens.admin, { metadata: { name } });
    },
    allow: async (namespace, rules) => allow(ask, tokens, namespace, rules),
    close,
  };
}

type Ask = (
  method: "GET" | "POST" | "PUT",
  path: string,
  token: string,
  body?: object,
) => Promise<{ status: number; text: string }>;

async function allow(
  ask: Ask,
  tokens: KubernetesServer["tokens"],
  namespace: string,
  rules: readonly PolicyRule[],
): Promise<void> {
  const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const metadata = { name: "runner", namespace };
  const role = { apiVersion, kind: "Role", metadata, rules };
  const made = await ask("POST", `${roles}/roles`, tokens.admin, role);
  if (made.status === 409) await ask("PUT", `${roles}/roles/runner`, tokens.admin, role);
  await ask("POST", `${roles}/rolebindings`, tokens.admin, {
    apiVersion,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "runner" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "runner" }],
  });
  // The server learns of roles a moment later.
  await until("the runner's rights are known", async () => {
    const review = await ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", tokens.runner, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectRulesReview",
      spec: { namespace },
    });
    // `as`: the answer of the real server.
    const said = JSON.parse(review.text) as { status: { resourceRules: PolicyRule[] } };
    const known = said.status.resourceRules.filter(({ apiGroups }) =>
      apiGroups.some((group) => group === "" || group === "apps"),
    );
    return rulesText(known) === rulesText(rules);
  });
}

function rulesText(rules: readonly PolicyRule[]): string {
  return rules
    .map(({ apiGroups, resources, resourceNames = [], verbs }) =>
      JSON.stringify([apiGroups, resources, resourceNames, verbs].map((part) => part.toSorted())),
    )
    .toSorted()
    .join("\n");
}

function start(path: string, folder: string, args: readonly string[]): ChildProcess {
  const log = join(folder, `${path.split("/").at(-1)}.log`);
  return spawn("sh", ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", log, path, ...args], {
    stdio: "ignore",
    cwd: folder,
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + START_SECONDS * 1000;
  while (Date.now() < end) {
    if (await holds().catch(() => false)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what}: not within ${START_SECONDS} s`);
}
