import type { IAM } from "@aws-sdk/client-iam";
import type { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import type { AwsConnection } from "../../../core/documents/connection.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { awsLogin, optionsAs } from "../../clients/aws/client-options.ts";
import { send, type TwoClients, twoClients } from "../../clients/aws/sending.ts";

/** One IAM user, and how the runner reaches it. */
export interface Site {
  readonly credential: string;
  readonly identity: string;
  readonly user: string;
  readonly connectionName: string;
  readonly connection: AwsConnection;
  readonly ports: RotatorPorts;
  readonly clients: Readonly<Record<Hand, TwoClients<IAM>>>;
}

/** Who acts: the role that makes keys, or the one that ends them. */
export type Hand = "make" | "end";

/** One question to IAM. Rejects with EffectError. */
export async function ask<T>(
  site: Site,
  action: string,
  signal: AbortSignal,
  act: (iam: IAM, options: CallOptions) => Promise<T>,
): Promise<T> {
  return send(site.clients.make.asking(), { place: placeOf(site), action }, signal, act);
}

/** One request that changes something, sent once: whether a lost one happened is for the probe to say. */
export async function change<T>(
  site: Site,
  hand: Hand,
  action: string,
  signal: AbortSignal,
  act: (iam: IAM, options: CallOptions) => Promise<T>,
): Promise<T> {
  return send(site.clients[hand].acting(), { place: placeOf(site), action }, signal, act);
}

interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** The clients of both roles, made when they are first used, and how to close them. */
export function openClients(site: Pick<Site, "credential" | "connectionName" | "connection" | "ports">): {
  readonly clients: Site["clients"];
  readonly close: () => Promise<void>;
} {
  const { credential, connection, connectionName: name, ports } = site;
  const opened: IAM[] = [];
  const login = { name, connection, credential, secrets: ports.secrets };
  const open = (credentials: AwsCredentialIdentityProvider) => async (use: "question" | "effect") => {
    const sdk = await import("@aws-sdk/client-iam");
    const iam = new sdk.IAM(optionsAs(credentials, connection, use));
    opened.push(iam);
    return iam;
  };
  const making = awsLogin(login);
  const { revokeRole } = connection;
  return {
    clients: {
      make: twoClients(open(making)),
      end: twoClients(open(revokeRole === undefined ? making : awsLogin(login, revokeRole))),
    },
    close: async () => {
      for (const iam of opened.splice(0)) iam.destroy();
    },
  };
}

/** The words for people: which user, through which connection. */
export function placeOf({ user, connectionName }: Pick<Site, "user" | "connectionName">): string {
  return `the user ${user} of aws ${connectionName}`;
}

/** Whether an ARN is this user's; one with a path has that in between. */
export function isUserArn(arn: string, user: string): boolean {
  const [, , , , , resource = ""] = arn.split(":");
  return resource.startsWith("user/") && resource.endsWith(`/${user}`);
}

/** Whether IAM answered that the user or key does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof CreError && (error.evidence ?? "").startsWith("NoSuchEntity");
}
