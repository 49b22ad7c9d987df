import type { AcmeService } from "../../services/acme/acme-service.ts";
import type { AwsTestLogin } from "../../services/aws/aws-service.ts";
import type { KeycloakServer } from "../../services/keycloak/keycloak-server.ts";
import type { TestPostgres } from "../../services/postgresql.ts";
import type { Consumer } from "../consumer/consumer-client.ts";

/** The services of the story, however they were started. All are reached by addresses of this machine. */
export interface LifecycleServices {
  /** What each is, for people, by what it plays. */
  readonly names: Readonly<Record<string, string>>;
  readonly postgresql: Pick<TestPostgres, "host" | "port" | "admin">;
  readonly aws: { readonly endpoint: string; readonly region: string; readonly admin: AwsTestLogin };
  readonly acme: AcmeService;
  readonly ssh: LifecycleHost;
  readonly keycloak: KeycloakServer;
  readonly mail: LifecycleMail;
  readonly consumer: Consumer;
  /** The time has been moved: tells those that do not look for themselves. */
  timeMoved(): Promise<void>;
  /** Texts that the services wrote for themselves, to search for secrets, by name. */
  logs(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** A host with the runner's key in the `authorized_keys` of one account. */
export interface LifecycleHost {
  readonly host: string;
  readonly port: number;
  /** `SHA256:…` of its host key. */
  readonly hostKey: string;
  readonly user: string;
  /** PEM of the runner's login. */
  readonly login: string;
  /** Path of the log of logins, on the host. */
  readonly authLog: string;
  /** Adds a line to the account's `authorized_keys`. */
  authorize(line: string): Promise<void>;
  /** The lines of that file. */
  lines(): Promise<readonly string[]>;
}

export interface LifecycleMail {
  readonly host: string;
  readonly port: number;
  /** What came, oldest first. */
  taken(): Promise<readonly { readonly to: readonly string[]; readonly raw: string }[]>;
}
