import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signIn } from "../../../adapters/clients/ssh/session.ts";
import { Secret } from "../../../core/model/secret.ts";
import { pebbleAt } from "../../services/acme/pebble.ts";
import { resetMoto } from "../../services/aws/moto.ts";
import { attachKeycloak } from "../../services/keycloak/real-server.ts";
import { adminOf } from "../../services/postgresql.ts";
import { fingerprint, logLine } from "../../services/ssh/host-ground.ts";
import { consumerAt } from "../consumer/consumer-client.ts";
import type { StoryClock } from "../story-clock.ts";
import type { GivenPlaces } from "./given-places.ts";
import type { LifecycleHost, LifecycleMail, LifecycleServices } from "./lifecycle-services.ts";

const REGION = "eu-central-1";
const OLD = 200 * 86_400_000;
const USER = "deploy";
const AUTH_LOG = "/var/log/auth.log";
const PATIENCE = 30_000;

/** Services that somebody else started: containers of `docker-compose.test.yml`, or others like them. They stay. */
export async function attachServices(places: GivenPlaces, clock: StoryClock): Promise<LifecycleServices> {
  const { postgresql, aws, acme, mail, keycloak } = places;
  const admin = adminOf(postgresql);
  const [row] = await admin("SHOW server_version");
  const consumer = consumerAt(`http://${places.consumer.web}`, places.consumer.tls);
  return {
    names: {
      Database: `PostgreSQL ${String(row?.["server_version"])} at ${postgresql.host}:${postgresql.port}`,
      AWS: `moto, with signatures checked, at ${aws}`,
      "Certificate authority": `Pebble at ${acme.directory}`,
      "SSH host": `OpenSSH's sshd at ${places.ssh.host}:${places.ssh.port}`,
      "OAuth server": `Keycloak at ${keycloak}`,
      "Mail server": `maildev at ${mail.host}:${mail.port}`,
      Application: `this repository's receiver of webhooks at ${places.consumer.web}`,
    },
    postgresql: { host: postgresql.host, port: postgresql.port, admin },
    aws: { endpoint: aws, region: REGION, admin: await resetMoto(aws, REGION) },
    acme: await pebbleAt(
      {
        directory: acme.directory,
        management: acme.management,
        records: acme.records,
        ca: readFileSync(join(places.shared, "acme.pem"), "utf8"),
        // Nothing is proven by HTTP here.
        httpPort: 0,
      },
      "Pebble",
      async () => undefined,
    ),
    ssh: await attachHost(places, clock),
    keycloak: attachKeycloak(keycloak, { client: "boot", secret: "boot-of-a-test" }),
    mail: await attachMail(mail),
    consumer,
    timeMoved: async () => consumer.setAhead(clock.ahead),
    // Whoever started them has their logs.
    logs: async () => ({}),
    close: async () => undefined,
  };
}

async function attachHost({ ssh, shared }: GivenPlaces, clock: StoryClock): Promise<LifecycleHost> {
  const read = (name: string): string => readFileSync(join(shared, "ssh", name), "utf8");
  const [, hostBlob = ""] = read("host.pub").split(" ");
  const hostKey = fingerprint(Buffer.from(hostBlob, "base64"));
  const login = read("login");
  const run = async (command: string, stdin: string): Promise<string> => {
    const target = { name: "web-1", connection: { ...ssh, hostKey, user: USER, key: { env: "UNUSED" } } };
    const signal = AbortSignal.timeout(PATIENCE);
    const session = await signIn(
      target,
      { user: USER, key: new Secret(login) },
      { readFile: () => "" },
      signal,
    );
    try {
      const { code, stdout, stderr } = await session.exec(command, stdin, signal);
      if (code !== 0) throw new Error(`${command} ended with ${code} on the host: ${stderr}`);
      return stdout;
    } finally {
      session.close();
    }
  };
  // As on a host that nobody has rotated anything on.
  await run("rm -rf .ssh/*; cat > .ssh/authorized_keys; chmod 600 .ssh/authorized_keys", read("login.pub"));
  await run(
    `cat > ${AUTH_LOG}`,
    logLine(() => clock.now() - OLD, 1, "Server listening on 0.0.0.0."),
  );
  return {
    ...ssh,
    hostKey,
    user: USER,
    login,
    authLog: AUTH_LOG,
    authorize: async (line) => void (await run("cat >> .ssh/authorized_keys", `${line}\n`)),
    lines: async () => (await run("cat .ssh/authorized_keys", "")).split("\n"),
  };
}

async function attachMail({ host, port, web }: GivenPlaces["mail"]): Promise<LifecycleMail> {
  const ask = async (method: string, path: string): Promise<Response> => {
    const answer = await fetch(`http://${web}${path}`, { method, signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`the mail server answers ${path} with ${answer.status}`);
    return answer;
  };
  await ask("DELETE", "/email/all");
  return {
    host,
    port,
    taken: async () => {
      // `as`: maildev's own list.
      const mails = (await (await ask("GET", "/email")).json()) as readonly ListedMail[];
      return Promise.all(
        mails.map(async ({ id, envelope }) => ({
          to: envelope.to.map(({ address }) => address),
          raw: await (await ask("GET", `/email/${id}/source`)).text(),
        })),
      );
    },
  };
}

interface ListedMail {
  readonly id: string;
  readonly envelope: { readonly to: readonly { readonly address: string }[] };
}
