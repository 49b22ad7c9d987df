import { appendFile, readFile } from "node:fs/promises";
import type { AcmeService } from "../../services/acme/acme-service.ts";
import { findNewPebble, findPebble } from "../../services/acme/binaries.ts";
import { startPebble } from "../../services/acme/pebble.ts";
import { startAcmeStandIn } from "../../services/acme/stand-in.ts";
import { startAwsStandIn } from "../../services/aws/aws-service.ts";
import { startMotoServer } from "../../services/aws/moto.ts";
import { openMailSink } from "../../services/chat/mail-sink.ts";
import { findKeycloak, keycloakVersion } from "../../services/keycloak/find-keycloak.ts";
import type { KeycloakServer } from "../../services/keycloak/keycloak-server.ts";
import { startRealKeycloak } from "../../services/keycloak/real-server.ts";
import { startKeycloakStandIn } from "../../services/keycloak/stand-in.ts";
import { findMoto, findSshd } from "../../services/ladder.ts";
import { startPostgres } from "../../services/postgresql.ts";
import { logLine } from "../../services/ssh/host-ground.ts";
import { startSshHost } from "../../services/ssh/ssh-host.ts";
import { openApplication } from "../consumer/application.ts";
import { consumerAt } from "../consumer/consumer-client.ts";
import type { StoryClock } from "../story-clock.ts";
import type { LifecycleHost, LifecycleServices } from "./lifecycle-services.ts";

const REGION = "eu-central-1";
/** How far back the log of logins goes, in milliseconds. */
const OLD = 200 * 86_400_000;

interface Started<T> {
  readonly name: string;
  readonly service: T;
  readonly close: () => Promise<unknown>;
}

/** Processes of this machine: the real servers where they are installed, and our stand-ins where not. */
export async function startLocalServices(clock: StoryClock): Promise<LifecycleServices> {
  const starting = {
    postgresql: startDatabase(),
    aws: startAws(clock),
    acme: startAcme(clock),
    ssh: startHost(clock),
    keycloak: startOauth(clock),
    mail: startMail(),
    consumer: startConsumer(),
  };
  const settled = await Promise.allSettled(Object.values(starting));
  const close = async (): Promise<void> => {
    for (const one of settled) if (one.status === "fulfilled") await one.value.close().catch(() => undefined);
  };
  const failed = settled.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  const [postgresql, aws, acme, ssh, keycloak, mail, consumer] = [
    await starting.postgresql,
    await starting.aws,
    await starting.acme,
    await starting.ssh,
    await starting.keycloak,
    await starting.mail,
    await starting.consumer,
  ];
  return {
    names: {
      Database: postgresql.name,
      AWS: aws.name,
      "Certificate authority": acme.name,
      "SSH host": ssh.name,
      "OAuth server": keycloak.name,
      "Mail server": mail.name,
      Application: consumer.name,
    },
    postgresql: postgresql.service,
    aws: aws.service,
    acme: acme.service,
    ssh: ssh.service,
    keycloak: keycloak.service,
    mail: mail.service,
    consumer: consumer.service,
    timeMoved: async () => {
      ssh.service.timeMoved();
      await consumer.service.setAhead(clock.ahead);
    },
    logs: async () => ({
      "the log of PostgreSQL (log_statement=all)": postgresql.service.logText(),
      "the log of logins by SSH": await readFile(ssh.service.logFile, "utf8"),
    }),
    close,
  };
}

async function startDatabase(): Promise<Started<Awaited<ReturnType<typeof startPostgres>>>> {
  const service = await startPostgres();
  const [row] = await service.admin("SHOW server_version");
  return {
    name: `PostgreSQL ${String(row?.["server_version"])}`,
    service,
    close: async () => service.stop(),
  };
}

async function startAws({ file, now }: StoryClock): Promise<Started<LifecycleServices["aws"]>> {
  const moto = findMoto();
  if (moto !== undefined) {
    const service = await startMotoServer(moto, REGION, { ahead: file });
    return {
      name: "moto, with signatures checked",
      service: { ...service, region: REGION },
      close: async () => service.close(),
    };
  }
  const service = await startAwsStandIn({ clock: () => new Date(now()) });
  return { name: "the stand-in of this repository", service, close: async () => service.close() };
}

async function startAcme({ now }: StoryClock): Promise<Started<AcmeService>> {
  const [old, newer] = [findPebble(), findNewPebble()];
  const binaries = newer ?? old;
  const service =
    binaries === undefined
      ? await startAcmeStandIn({ clock: now })
      : await startPebble(binaries, { isNew: newer !== undefined });
  return { name: service.name, service, close: async () => service.stop() };
}

type OwnHost = LifecycleHost & { readonly logFile: string; readonly timeMoved: () => void };

async function startHost({ now }: StoryClock): Promise<Started<OwnHost>> {
  const server = findSshd() === undefined ? "ssh2" : "sshd";
  const running = await startSshHost({ server, clock: now });
  await appendFile(
    running.authLog,
    logLine(() => now() - OLD, 1, `Server listening on ${running.host}.`),
  );
  const { host, port, hostKey, user, login, file, authLog } = running;
  const service = {
    host,
    port,
    hostKey,
    user,
    login: login.privateKey.reveal(),
    // The stand-in has it where Debian has it.
    authLog: server === "sshd" ? authLog : "/var/log/auth.log",
    logFile: authLog,
    authorize: async (line: string) => appendFile(file, `${line}\n`),
    lines: async () => (await readFile(file, "utf8")).split("\n"),
    timeMoved: () => running.tellTime(),
  };
  return {
    name: server === "sshd" ? "OpenSSH's sshd" : "the package ssh2",
    service,
    close: async () => running.close(),
  };
}

async function startOauth({ now }: StoryClock): Promise<Started<KeycloakServer>> {
  const folder = findKeycloak();
  const service =
    folder === undefined ? await startKeycloakStandIn({ clock: now }) : await startRealKeycloak(folder);
  return {
    name: folder === undefined ? service.name : keycloakVersion(folder),
    service,
    close: async () => service.close(),
  };
}

async function startMail(): Promise<Started<LifecycleServices["mail"]>> {
  const sink = await openMailSink({ tls: "none" });
  return {
    name: "the package smtp-server",
    service: { host: "127.0.0.1", port: sink.port, taken: async () => sink.taken },
    close: async () => sink.close(),
  };
}

async function startConsumer(): Promise<Started<LifecycleServices["consumer"]>> {
  const { port, tlsPort, close } = await openApplication();
  const service = consumerAt(`http://127.0.0.1:${port}`, `127.0.0.1:${tlsPort}`);
  return { name: "this repository's receiver of webhooks", service, close };
}
