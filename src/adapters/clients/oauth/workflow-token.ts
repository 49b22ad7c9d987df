import { CreError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { SecretSource } from "../../../core/ports/runtime.ts";
import { exchange, NoAnswer } from "../http/exchange.ts";
import { loopbackOrTls } from "../http/server-url.ts";
import { serverWords } from "../http/server-words.ts";
import { bearer } from "./token-request.ts";

const URL_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/** What Azure's workload identity for Kubernetes sets, and other platforms as well. */
const FILE_VARIABLE = "AZURE_FEDERATED_TOKEN_FILE";

/**
 * The OIDC token by which the platform vouches for this run, for one audience: GitHub's where the workflow has
 * `id-token: write`, else the file that AZURE_FEDERATED_TOKEN_FILE names. Rejects with a CreError.
 */
export async function workflowToken(
  audience: string,
  secrets: SecretSource,
  signal: AbortSignal,
): Promise<Secret> {
  const given = (name: string): boolean => secrets.present({ env: name });
  if (given(URL_VARIABLE) && given(TOKEN_VARIABLE)) return githubToken(audience, secrets, signal);
  if (given(FILE_VARIABLE)) {
    const path = (await secrets.read({ env: FILE_VARIABLE })).reveal();
    return secrets.read({ file: path });
  }
  throw new CreError("workflow-token-missing", "nobody vouches for this run by an OIDC token", {
    evidence: `neither ${URL_VARIABLE} nor ${FILE_VARIABLE} is set`,
    fix: "give the workflow's job `permissions: id-token: write`; elsewhere name the file of the token in AZURE_FEDERATED_TOKEN_FILE, or give the connection a `secret`",
  });
}

async function githubToken(audience: string, secrets: SecretSource, signal: AbortSignal): Promise<Secret> {
  const url = loopbackOrTls((await secrets.read({ env: URL_VARIABLE })).reveal());
  if (url === undefined) {
    throw failed("the variable ACTIONS_ID_TOKEN_REQUEST_URL is no https URL");
  }
  url.searchParams.set("audience", audience);
  const login = await secrets.read({ env: TOKEN_VARIABLE });
  const headers = { Authorization: bearer(login), Accept: "application/json" };
  const path = `${url.pathname}${url.search}`;
  try {
    const answer = await exchange(url, undefined, { method: "GET", path, headers, body: "" }, signal);
    const text = answer.body.toString("utf8");
    const value = answer.status === 200 ? valueIn(text) : undefined;
    if (value !== undefined) return new Secret(value);
    const words = answer.status === 200 ? undefined : serverWords(text, [login]);
    throw failed([`status ${answer.status}`, words].filter((part) => part !== undefined).join(": "));
  } catch (error) {
    if (error instanceof NoAnswer) throw failed(error.reason);
    throw error;
  }
}

/** JSON Web Tokens are three parts of base64url. */
function valueIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null || !("value" in answer)) return undefined;
    const { value } = answer;
    return typeof value === "string" && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function failed(evidence: string): CreError {
  return new CreError("workflow-token-refused", "GitHub gave no OIDC token for this run", {
    evidence,
    fix: "give the workflow's job `permissions: id-token: write`, and look at GitHub's status",
  });
}
