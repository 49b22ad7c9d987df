import type { SecretRef } from "../../core/documents/common.ts";
import { CreError } from "../../core/model/errors.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";
import { exchange, NoAnswer } from "../clients/http/exchange.ts";
import { loopbackOrTls } from "../clients/http/server-url.ts";

/**
 * Tells a watcher outside (healthchecks.io, Cronitor, Dead Man's Snitch) that the enforcer is alive: one POST without a
 * body, which all of them take for that. The address is a secret, as whoever knows it can pretend: no error names more
 * than its host. Rejects with a CreError.
 */
export async function sendHeartbeat(
  reference: SecretRef,
  secrets: LocalSecretSource,
  signal: AbortSignal,
): Promise<void> {
  const url = addressIn((await secrets.read(reference)).reveal());
  const answer = await exchange(
    url,
    undefined,
    { method: "POST", path: `${url.pathname}${url.search}`, headers: {}, body: "" },
    signal,
  ).catch((error: unknown) => {
    throw failure(url, error instanceof NoAnswer ? error.message : "the request failed");
  });
  if (answer.status < 200 || answer.status > 299) {
    throw failure(url, `it answered with the status ${answer.status}`);
  }
}

function addressIn(text: string): URL {
  const url = loopbackOrTls(text.trim());
  if (url !== undefined) return url;
  throw new CreError("heartbeat-address", "the heartbeat's secret is no https address", {
    fix: "give the runner the whole address that the watcher shows, beginning with https://",
  });
}

function failure(url: URL, evidence: string): CreError {
  return new CreError("heartbeat-failed", `the heartbeat did not reach ${url.host}`, {
    evidence,
    fix: "check the address that the watcher shows, and that this runner may reach it",
  });
}
