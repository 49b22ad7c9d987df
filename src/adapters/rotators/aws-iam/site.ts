import type { IAM } from "@aws-sdk/client-iam";
import type { AwsConnection } from "../../../core/documents/connection.ts";
import type { EffectError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { awsClientOptions } from "../../clients/aws/client-options.ts";
import { awsFailure } from "../../clients/aws/failure.ts";

/** One IAM user, and how the runner reaches it. */
export interface Site {
  readonly credential: string;
  readonly identity: string;
  readonly user: string;
  readonly connectionName: string;
  readonly connection: AwsConnection;
  readonly ports: RotatorPorts;
  readonly clients: Clients;
}

/** Who acts: the role that makes keys, or the one that ends them. */
export type Hand = "make" | "end";

/** Clients of IAM, each made when it is first used. */
export class Clients {
  readonly #open: (use: "question" | "effect", hand: Hand) => Promise<IAM>;
  readonly #made = new Map<string, Promise<IAM>>();

  constructor(open: (use: "question" | "effect", hand: Hand) => Promise<IAM>) {
    this.#open = open;
  }

  /** For questions, which are sent again when an answer is lost. */
  async asking(): Promise<IAM> {
    return this.#get("question", "make");
  }

  /** For effects, which are sent once: whether a lost one happened is for the probe to say. */
  async acting(hand: Hand): Promise<IAM> {
    return this.#get("effect", hand);
  }

  async close(): Promise<void> {
    const made = await Promise.allSettled(this.#made.values());
    this.#made.clear();
    for (const one of made) if (one.status === "fulfilled") one.value.destroy();
  }

  async #get(use: "question" | "effect", hand: Hand): Promise<IAM> {
    const key = `${use} ${hand}`;
    const made = this.#made.get(key) ?? this.#open(use, hand);
    this.#made.set(key, made);
    return made;
  }
}

export async function openIam(
  site: Pick<Site, "credential" | "connectionName" | "connection" | "ports">,
  use: "question" | "effect",
  hand: Hand,
): Promise<IAM> {
  const { credential, connection, connectionName: name, ports } = site;
  const role = hand === "end" ? (connection.revokeRole ?? connection.assumeRole) : connection.assumeRole;
  const { IAM } = await import("@aws-sdk/client-iam");
  return new IAM(await awsClientOptions({ name, connection, credential, secrets: ports.secrets }, use, role));
}

/** The words for people: which user, through which connection. */
export function placeOf({ user, connectionName }: Pick<Site, "user" | "connectionName">): string {
  return `the user ${user} of aws ${connectionName}`;
}

/** What a rejected call means for this user. */
export function failureAt(
  site: Pick<Site, "user" | "connectionName">,
  error: unknown,
  action: string,
): EffectError {
  return awsFailure(error, { place: placeOf(site), action });
}
