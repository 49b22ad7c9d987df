import { randomBytes } from "node:crypto";
import { claimsOf } from "../aws/identity-provider.ts";
import { authorityError, type EntraAnswer } from "./entra-answer.ts";
import type { StoredApplication, Tenant } from "./tenant.ts";

/** Seconds that a token lives. */
const LIFETIME = 3599;
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A request for a token by client credentials, as the authority answers it (reference of its error codes). */
export function tokenAnswer(
  tenant: Tenant,
  asked: {
    readonly tenant: string;
    readonly form: URLSearchParams;
    readonly now: number;
    readonly resources: readonly string[];
  },
): EntraAnswer {
  const { form, now } = asked;
  if (asked.tenant !== tenant.id) {
    return authorityError(400, "invalid_request", 90_002, `Tenant '${asked.tenant}' not found.`);
  }
  if (form.get("grant_type") !== "client_credentials") {
    return authorityError(
      400,
      "unsupported_grant_type",
      70_003,
      "The app requested an unsupported grant type.",
    );
  }
  const scope = form.get("scope") ?? "";
  if (!scope.endsWith("/.default")) {
    return authorityError(
      400,
      "invalid_scope",
      1_002_012,
      `The provided value for scope ${scope} is not valid.`,
    );
  }
  const appId = form.get("client_id") ?? "";
  const application = tenant.applications.get(appId);
  const refusal = application === undefined ? undefined : refusalOf(tenant, application, form, now);
  if (application === undefined) {
    return authorityError(
      400,
      "unauthorized_client",
      700_016,
      `Application with identifier '${appId}' was not found in the directory.`,
    );
  }
  if (refusal !== undefined) return refusal;
  const resource = scope.replace(/\/\.default$/, "");
  if (!asked.resources.includes(resource)) {
    return authorityError(
      400,
      "invalid_resource",
      500_011,
      `The resource principal named ${resource} was not found in the tenant.`,
    );
  }
  const token = `eyJ.${randomBytes(48).toString("base64url")}.${randomBytes(24).toString("base64url")}`;
  tenant.tokens.set(token, { appId, scope, until: now + LIFETIME * 1000 });
  return {
    status: 200,
    body: { token_type: "Bearer", expires_in: LIFETIME, ext_expires_in: LIFETIME, access_token: token },
  };
}

function refusalOf(
  tenant: Tenant,
  application: StoredApplication,
  form: URLSearchParams,
  now: number,
): EntraAnswer | undefined {
  const { appId } = application;
  if (!application.hasServicePrincipal) {
    return authorityError(
      400,
      "unauthorized_client",
      7_000_229,
      `The client application ${appId} is missing service principal in the tenant.`,
    );
  }
  if (!application.isEnabled) {
    return authorityError(400, "unauthorized_client", 7_000_112, `Application '${appId}' is disabled.`);
  }
  const assertion = form.get("client_assertion");
  if (assertion !== null) return assertionRefusal(tenant, application, form, now);
  const secret = form.get("client_secret");
  const found = application.passwords.find(({ secretText }) => secretText === secret);
  if (found === undefined || found.notYet > 0) {
    if (found !== undefined) found.notYet -= 1;
    return authorityError(
      401,
      "invalid_client",
      7_000_215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${appId}'.`,
    );
  }
  if (Date.parse(found.endDateTime.replace(/(\.\d{3})\d+Z$/, "$1Z")) <= now) {
    return authorityError(
      401,
      "invalid_client",
      7_000_222,
      `The provided client secret keys for app '${appId}' are expired.`,
    );
  }
  tenant.signIns.set(found.keyId, { appId, at: now });
  return undefined;
}

function assertionRefusal(
  tenant: Tenant,
  { federated }: StoredApplication,
  form: URLSearchParams,
  now: number,
): EntraAnswer | undefined {
  if (form.get("client_assertion_type") !== ASSERTION) {
    return authorityError(
      400,
      "invalid_request",
      900_144,
      "The request body must contain the parameter 'client_assertion_type'.",
    );
  }
  try {
    const { claims } = claimsOf(form.get("client_assertion") ?? "", tenant.issuers, new Date(now));
    const { iss, sub, aud } = claims;
    const fits = federated.some(
      ({ issuer, subject, audience }) => issuer === iss && subject === sub && audience === aud,
    );
    if (fits) return undefined;
    return authorityError(
      401,
      "invalid_client",
      700_213,
      `No matching federated identity record found for presented assertion subject '${String(sub)}'.`,
    );
  } catch {
    return authorityError(
      401,
      "invalid_client",
      700_027,
      "The certificate with identifier used to sign the client assertion is not registered on application.",
    );
  }
}
