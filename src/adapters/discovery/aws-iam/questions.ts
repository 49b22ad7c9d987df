import type { IAM } from "@aws-sdk/client-iam";
import type { AwsConnection } from "../../../core/documents/connection.ts";
import { EffectError } from "../../../core/model/errors.ts";
import type { DiscoveryPorts } from "../../../core/ports/discovery.ts";
import { awsClientOptions } from "../../clients/aws/client-options.ts";
import { send } from "../../clients/aws/sending.ts";

/** How the account is asked. */
export interface Questions {
  /** For people: `aws prod-aws`. */
  readonly place: string;
  /** One question to IAM, asked again after a while when there are too many or no answer comes. Rejects with EffectError. */
  ask<T>(action: string, signal: AbortSignal, act: AskIam<T>): Promise<T>;
  /** The account's number. */
  account(signal: AbortSignal): Promise<string>;
  close(): void;
}

type AskIam<T> = (iam: IAM, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** Seconds to wait before a question that was one too many is asked again; IAM counts by the second and the minute. */
const PAUSES = [1, 2, 4, 8, 16] as const;
/** How often a question is asked in all that nobody answers: each time takes as long as a request may. */
const UNANSWERED = 2;

/** Opens clients when they are first used. They only ever ask. */
export function questionsOf(name: string, connection: AwsConnection, ports: DiscoveryPorts): Questions {
  const place = `aws ${name}`;
  const login = { name, connection, secrets: ports.secrets, credential: "discovery" };
  let iam: Promise<IAM> | undefined;
  const open = async (): Promise<IAM> => {
    const sdk = await import("@aws-sdk/client-iam");
    // How often something is asked is counted here.
    return new sdk.IAM({ ...(await awsClientOptions(login, "question")), maxAttempts: 1 });
  };
  return {
    place,
    ask: async (action, signal, act) => {
      for (const [tries, pause] of [...PAUSES, undefined].entries()) {
        try {
          iam ??= open();
          return await send(iam, { place, action }, signal, act);
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof EffectError) || pause === undefined) throw error;
          const mayAnswer = error.outcome === "unknown" && tries + 1 < UNANSWERED;
          if (error.code !== "throttled" && !mayAnswer) throw error;
          await ports.pause(pause, signal);
        }
      }
      throw new Error("the last try neither answers nor fails");
    },
    account: async (signal) => {
      const { STS } = await import("@aws-sdk/client-sts");
      const sts = new STS(await awsClientOptions(login, "question"));
      try {
        const call = { place, action: "sts:GetCallerIdentity" };
        const { Account: account = "" } = await send(
          Promise.resolve(sts),
          call,
          signal,
          async (ready, options) => ready.getCallerIdentity({}, options),
        );
        return account;
      } finally {
        sts.destroy();
      }
    },
    close: () => {
      iam?.then((client) => client.destroy()).catch(() => undefined);
    },
  };
}
