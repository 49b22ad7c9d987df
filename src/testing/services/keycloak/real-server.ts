import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import {
  type AdminAnswer,
  askJson,
  type KeycloakRealm,
  type KeycloakServer,
  type RotationPolicy,
  type RunnerRole,
} from "./keycloak-server.ts";

const START_SECONDS = 120;
const RUNNER = "cre-runner";
const BOOT: BootClient = { client: "boot", secret: randomBytes(16).toString("hex") };

/** The client that a Keycloak was started with, who may do everything there. */
export interface BootClient {
  readonly client: string;
  readonly secret: string;
}

/** The real Keycloak of this folder, built beforehand (`.ci/keycloak`), with a database in memory. */
export async function startRealKeycloak(folder: string): Promise<KeycloakServer> {
  const scratch = mkdtempSync(join(tmpdir(), "cre-keycloak-"));
  const [port, management] = [await freePort(), await freePort()];
  const log = join(scratch, "log");
  const child = start(folder, scratch, log, port, management);
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    endGroup(child);
    await ended;
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    await untilReady(url, child);
  } catch (error) {
    const said = readFileSync(log, "utf8").slice(-2000);
    await close();
    throw new Error(`Keycloak did not start: ${said}`, { cause: error });
  }
  return { name: "Keycloak", url, addRealm: async (name) => addRealm(url, BOOT, name), close };
}

/** A Keycloak that somebody else started and ends. A realm that is there already is made anew. */
export function attachKeycloak(url: string, boot: BootClient): KeycloakServer {
  return {
    name: "Keycloak",
    url,
    addRealm: async (name) => {
      await asBoot(url, boot)("DELETE", `/admin/realms/${encodeURIComponent(name)}`);
      return addRealm(url, boot, name);
    },
    close: async () => undefined,
  };
}

async function addRealm(url: string, boot: BootClient, name: string): Promise<KeycloakRealm> {
  const ask = asBoot(url, boot);
  const admin: KeycloakRealm["admin"] = async (method, path, body) =>
    ask(method, `/admin/realms/${encodeURIComponent(name)}${path}`, body);
  const runner = { clientId: RUNNER, secret: randomBytes(24).toString("hex") };
  await done(ask("POST", "/admin/realms", { realm: name, enabled: true }));
  await done(admin("POST", "/clients", { ...runner, serviceAccountsEnabled: true, publicClient: false }));
  const realmManagement = await idOf(admin, "realm-management");
  const account = await done(admin("GET", `/clients/${await idOf(admin, RUNNER)}/service-account-user`));
  const mappings = `/users/${idIn(account)}/role-mappings/clients/${realmManagement}`;
  const grant = async (roles: readonly RunnerRole[]): Promise<void> => {
    const before = await done(admin("GET", mappings));
    await done(admin("DELETE", mappings, Array.isArray(before) ? before : []));
    const wanted = await Promise.all(
      roles.map(async (role) => done(admin("GET", `/clients/${realmManagement}/roles/${role}`))),
    );
    await done(admin("POST", mappings, wanted));
  };
  await grant(["manage-clients"]);
  return {
    name,
    runner,
    admin,
    grant,
    policy: async (policy) => setPolicy(admin, policy),
    post: async (endpoint, form) =>
      askJson(`${url}/realms/${encodeURIComponent(name)}/protocol/openid-connect/${endpoint}`, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      }),
  };
}

async function setPolicy(admin: KeycloakRealm["admin"], policy: RotationPolicy | undefined): Promise<void> {
  const name = "rotate";
  const executors = policy && [
    {
      executor: "secret-rotation",
      configuration: {
        "expiration-period": policy.expiration,
        "rotated-expiration-period": policy.rotatedExpiration,
        "remaining-rotation-period": 1,
      },
    },
  ];
  const conditions = [{ condition: "client-access-type", configuration: { type: ["confidential"] } }];
  const policies = policy === undefined ? [] : [{ name, enabled: true, conditions, profiles: [name] }];
  // A policy's profile cannot go before the policy.
  if (policy === undefined) await done(admin("PUT", "/client-policies/policies", { policies }));
  await done(
    admin("PUT", "/client-policies/profiles", {
      profiles: executors === undefined ? [] : [{ name, executors }],
    }),
  );
  if (policy !== undefined) await done(admin("PUT", "/client-policies/policies", { policies }));
}

/** Asks as the client that the server was started with; its token lives for a minute. */
function asBoot(
  url: string,
  boot: BootClient,
): (method: string, path: string, body?: object) => Promise<AdminAnswer> {
  return async (method, path, body) => {
    const form = { grant_type: "client_credentials", client_id: boot.client, client_secret: boot.secret };
    const login = await done(
      askJson(`${url}/realms/master/protocol/openid-connect/token`, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      }),
    );
    const token =
      typeof login === "object" && login !== null && "access_token" in login ? login.access_token : "";
    return askJson(`${url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${String(token)}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
}

async function idOf(admin: KeycloakRealm["admin"], clientId: string): Promise<string> {
  const found = await done(admin("GET", `/clients?clientId=${encodeURIComponent(clientId)}`));
  return idIn(Array.isArray(found) ? found[0] : undefined);
}

function idIn(value: unknown): string {
  if (typeof value === "object" && value !== null && "id" in value) return String(value.id);
  throw new Error("Keycloak shows no id");
}

async function done(answer: Promise<AdminAnswer>): Promise<unknown> {
  const { status, body } = await answer;
  if (status < 300) return body;
  throw new Error(`Keycloak answered with ${status}: ${JSON.stringify(body)}`);
}

function start(folder: string, scratch: string, log: string, port: number, management: number): ChildProcess {
  const output = openSync(log, "w");
  try {
    return spawn(
      join(folder, "bin", "kc.sh"),
      [
        "start",
        "--optimized",
        "--http-enabled=true",
        "--hostname-strict=false",
        "--http-host=127.0.0.1",
        `--http-port=${port}`,
        `--http-management-port=${management}`,
        "--cache=local",
      ],
      {
        stdio: ["ignore", output, output],
        // The script starts Java beside itself: both end with their group.
        detached: true,
        cwd: scratch,
        env: {
          ...process.env,
          KC_BOOTSTRAP_ADMIN_CLIENT_ID: BOOT.client,
          KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: BOOT.secret,
          JAVA_OPTS_KC_HEAP: "-Xms64m -Xmx512m",
          // Where several start from one folder, none may have another's.
          JAVA_OPTS_APPEND: `-XX:TieredStopAtLevel=1 -Dquarkus.transaction-manager.object-store.directory=${join(scratch, "transactions")}`,
        },
      },
    );
  } finally {
    closeSync(output);
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody of it is left.
  }
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const end = Date.now() + START_SECONDS * 1000;
  while (Date.now() < end && child.exitCode === null) {
    const answer = await fetch(`${url}/realms/master`).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(child.exitCode === null ? `not within ${START_SECONDS} s` : "it ended");
}
