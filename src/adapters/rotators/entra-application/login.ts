import { CreError, EffectError } from "../../../core/model/errors.ts";
import { addTo, type Instant } from "../../../core/model/instant.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { type ClientProof, requestToken } from "../../clients/oauth/token-request.ts";
import { workflowToken } from "../../clients/oauth/workflow-token.ts";
import { signInVerdict } from "./sign-in-failure.ts";
import { type Site, scopeOf } from "./site.ts";

/** The audience that Entra wants in a federated token. */
const AUDIENCE = "api://AzureADTokenExchange";
/** Seconds before its end from which on a token is not used any more. */
const MARGIN = 120;

/** The runner's own token for Microsoft Graph, asked for when it is needed and kept while it is valid. */
export class RunnerLogin {
  #held: { readonly token: Secret; readonly until: Instant } | undefined;

  /** Rejects with an EffectError that is `refused`: whatever was to be done with the token was not done. */
  async token(site: Site, signal: AbortSignal): Promise<Secret> {
    const now = site.ports.clock.now();
    if (this.#held !== undefined && now < this.#held.until) return this.#held.token;
    const { connection, tokenUrl, endpoint } = site;
    const proof = await proofOf(site, signal);
    const answer = await requestToken(
      { tokenUrl, clientId: connection.clientId, scope: scopeOf(endpoint), ...proof },
      signal,
    );
    if (!answer.ok) {
      const { code, says, fix } = signInVerdict(answer);
      throw new EffectError("refused", code, `the runner's client of entra ${site.connectionName} ${says}`, {
        evidence: evidenceOf(answer),
        ...(fix === undefined ? {} : { fix }),
      });
    }
    const { accessToken: token, expiresIn = 0 } = answer;
    this.#held = { token, until: addTo(now, expiresIn - MARGIN) };
    return token;
  }

  /** Graph does not take it any more. */
  forget(): void {
    this.#held = undefined;
  }
}

/** The authority's words; its code may stand in them already. */
export function evidenceOf({ code, message }: { readonly code: string; readonly message: string }): string {
  return message.startsWith(code) ? message : `${code}: ${message}`;
}

async function proofOf(site: Site, signal: AbortSignal): Promise<ClientProof> {
  const { connection, ports } = site;
  try {
    if (connection.secret !== undefined) return { clientSecret: await ports.secrets.read(connection.secret) };
    return { clientAssertion: await workflowToken(AUDIENCE, ports.secrets, signal) };
  } catch (error) {
    if (!(error instanceof CreError) || error instanceof EffectError) throw error;
    const { code, message, evidence, fix } = error;
    throw new EffectError("refused", code, message, {
      ...(evidence === undefined ? {} : { evidence }),
      ...(fix === undefined ? {} : { fix }),
    });
  }
}
