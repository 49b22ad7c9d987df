import { CreError, EffectError } from "../../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../../core/ports/rotator.ts";
import { NoAnswer } from "../../../clients/http/exchange.ts";
import { peerUrl } from "../../../clients/signed-http/peer-url.ts";
import { type SignedAnswerSeen, signedExchange } from "../../../clients/signed-http/signed-exchange.ts";
import { DONE, type HookAction, hookMessage, hookState } from "./hook-message.ts";
import { settledVisibility } from "./spreading.ts";
import type { ChallengeTask, ChallengeWay, Visibility } from "./way.ts";

/** Seconds that one request may take. */
const LIMIT = 15;

/** A server of yours changes the zone: signed requests as those of the webhook delivery, with nothing secret in them. */
export function dnsWebhookWay(credential: string, connection: string, ports: RotatorPorts): ChallengeWay {
  const { webhook } = ports.connection(connection);
  if (webhook === undefined) {
    throw new CreError(
      "connection-kind",
      `${credential} proves names over ${connection}, which is no webhook connection`,
      {
        fix: "name a connection with a `webhook` block",
      },
    );
  }
  const url = peerUrl("webhook", connection, webhook.url);
  const ca = webhook.ca === undefined ? undefined : ports.readFile(webhook.ca);
  const label = `webhook ${connection} (${url.origin})`;
  const tell = async (
    action: HookAction,
    tasks: readonly ChallengeTask[],
    signal: AbortSignal,
  ): Promise<Visibility> => {
    const key = { id: webhook.key.id, secret: await ports.secrets.read(webhook.key.secret) };
    const body = hookMessage(action, credential, "dns-01", tasks);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT * 1000)]);
    let seen: SignedAnswerSeen;
    try {
      const request = { method: "POST", path: `${url.pathname}${url.search}`, body } as const;
      seen = await signedExchange({ url, ca, key }, request, ports.clock, limit);
    } catch (error) {
      if (error instanceof NoAnswer) throw failure(label, action, error.reason);
      throw error;
    }
    const { status, body: answer } = seen.answer;
    if (status < 200 || status > 299) throw failure(label, action, `it answered with the status ${status}`);
    if (seen.untrusted !== undefined) throw failure(label, action, seen.untrusted);
    const state = hookState(answer, credential);
    if (state === "spreading" && action === "challenge-put") return "spreading";
    if (state === DONE[action]) return "visible";
    throw failure(label, action, `its answer does not say "${DONE[action]}"`);
  };
  return {
    type: "dns-01",
    preflight: async (signal) => void (await tell("challenge-ask", [], signal)),
    put: async (tasks, signal) =>
      settledVisibility(async () => tell("challenge-put", tasks, signal), ports.pause, signal),
    drop: async (tasks, signal) => void (await tell("challenge-drop", tasks, signal)),
  };
}

/** A record that was put there by a request whose answer was lost proves nothing by itself: it is put there again. */
function failure(label: string, action: HookAction, evidence: string): EffectError {
  return new EffectError(
    "refused",
    "acme-hook-failed",
    `${label} did not do its part of a challenge (${action})`,
    {
      evidence,
      fix: "look into the log of the server; .github/docs/acme.md says what it has to answer",
    },
  );
}
