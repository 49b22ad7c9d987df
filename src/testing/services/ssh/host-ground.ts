import { createHash } from "node:crypto";
import type { KeyPair } from "../../../adapters/rotators/authorized-keys/key-pair.ts";

/** What a host hears before and after each request that changes something; an answer interrupts it. */
export type HearRequest = (
  request: string,
  side: "before" | "after",
) => "lost" | "error" | "hang" | undefined;

/** A host of one account, that signs in by its `authorized_keys` alone. */
export interface SshHost {
  readonly server: "sshd" | "ssh2";
  readonly host: "127.0.0.1";
  readonly port: number;
  /** `SHA256:…` of its host key. */
  readonly hostKey: string;
  /** Its public host key, as it stands in known_hosts behind the name. */
  readonly hostKeyLine: string;
  readonly user: string;
  /** The account's `authorized_keys`. */
  readonly file: string;
  /** What sshd would write into auth.log. */
  readonly authLog: string;
  /** A private key that is in the file from the start: the runner's login. */
  readonly login: KeyPair;
  /** With a `clock`: tells commands the time that it shows now. */
  tellTime(): void;
  /** Ends all sessions and lets nobody in; the same port answers again after `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface SshHostOptions {
  readonly server: "sshd" | "ssh2";
  /** Milliseconds since 1970, for the times in the auth log and what commands hear of `date`. */
  readonly clock?: () => number;
  /** The login of the runner; several hosts may share one. */
  readonly login?: KeyPair;
  /** Only the stand-in can be listened to. */
  readonly hear?: HearRequest;
  /** Further lines of sshd_config; only sshd has one. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The log tells which process serves a login, which takes its time to find out. */
  readonly tellsProcesses?: boolean;
  readonly user?: string;
}

/** What a server of either kind needs to begin. */
export interface HostGround {
  readonly folder: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: KeyPair;
  readonly file: string;
  readonly authLog: string;
  readonly options: SshHostOptions;
  /** Put before PATH of every command. */
  readonly bin: string;
  readonly tellTime: () => void;
}

export interface RunningHost {
  readonly port: number;
  stop(): Promise<void>;
}

/** One line of auth.log, as rsyslog writes it. */
export function logLine(clock: () => number, pid: number, message: string): string {
  return `${new Date(clock()).toISOString().replace("Z", "000+00:00")} host sshd[${pid}]: ${message}\n`;
}

/** `SHA256:…` of a public key's blob. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
