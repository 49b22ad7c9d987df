import { type EntraAnswer, graphError } from "./entra-answer.ts";
import {
  graphDate,
  newPassword,
  type StoredApplication,
  type StoredPassword,
  type Tenant,
} from "./tenant.ts";

const MANAGED = ["Application.ReadWrite.All"];
const READ = [...MANAGED, "Application.Read.All"];
const OWNED = "Application.ReadWrite.OwnedBy";

/** Whether the caller may, by the permissions that Graph's reference names for the request. */
export function isAllowed(
  caller: StoredApplication,
  route: string,
  application: StoredApplication | undefined,
): boolean {
  const { granted } = caller;
  if (route.startsWith("GET reports/")) return granted.has("AuditLog.Read.All");
  const wanted = route.startsWith("GET") ? READ : MANAGED;
  const owns = application?.owners.has(caller.appId) === true && granted.has(OWNED);
  return owns || wanted.some((permission) => granted.has(permission));
}

export function forbidden(): EntraAnswer {
  return graphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

export function missing(appId: string): EntraAnswer {
  return graphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${appId}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** The application as Graph shows it; secrets are shown by nothing. */
export function shownApplication(application: StoredApplication, select: string | null): EntraAnswer {
  const all: Readonly<Record<string, unknown>> = {
    appId: application.appId,
    passwordCredentials: application.passwords.map((password) => shownPassword(password)),
    signInAudience: application.signInAudience,
    tags: application.tags,
  };
  const chosen =
    select === null ? Object.entries(all) : select.split(",").map((name) => [name, all[name]] as const);
  return {
    status: 200,
    body: {
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications",
      ...Object.fromEntries(chosen),
    },
  };
}

function shownPassword(password: StoredPassword, secretText: string | null = null) {
  const { keyId, displayName, startDateTime, endDateTime } = password;
  return {
    customKeyIdentifier: null,
    displayName,
    endDateTime,
    hint: password.secretText.slice(0, 3),
    keyId,
    secretText,
    startDateTime,
  };
}

export function addPassword(
  tenant: Tenant,
  application: StoredApplication,
  body: unknown,
  now: number,
  notYet: number,
): EntraAnswer {
  // `as`: checked by the description.
  const { passwordCredential } = body as {
    passwordCredential?: { displayName?: string; endDateTime?: string } | null;
  };
  const { displayName, endDateTime } = passwordCredential ?? {};
  const { forbidden: noneAllowed, maxLifetime } = tenant.policy;
  if (noneAllowed === true) {
    return graphError(
      400,
      "CredentialTypeNotAllowedAsPerAppPolicy",
      "Credential type not allowed as per assigned policy 'b6a9'.",
    );
  }
  const lifetime =
    (endDateTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(endDateTime) - now) / 1000;
  if (maxLifetime !== undefined && lifetime > maxLifetime) {
    return graphError(
      400,
      "CredentialInvalidLifetimeAsPerAppPolicy",
      "Credential lifetime exceeds the max value allowed as per assigned policy 'b6a9'.",
    );
  }
  if (application.signInAudience.includes("PersonalMicrosoftAccount") && application.passwords.length >= 2) {
    return graphError(400, "Request_BadRequest", "You can only add a maximum of 2 encrypted credentials.");
  }
  const made = newPassword(now, {
    displayName: displayName ?? null,
    end: endDateTime ?? graphDate(now + 2 * 365 * 86_400_000),
    notYet,
  });
  application.passwords = [...application.passwords, made];
  return {
    status: 200,
    body: {
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.passwordCredential",
      ...shownPassword(made, made.secretText),
    },
  };
}

export function removePassword(application: StoredApplication, body: unknown): EntraAnswer {
  // `as`: checked by the description.
  const { keyId } = body as { keyId: string };
  const left = application.passwords.filter((password) => password.keyId !== keyId.toLowerCase());
  if (left.length === application.passwords.length) {
    return graphError(400, "Request_BadRequest", `No password credential found with keyId '${keyId}'.`);
  }
  application.passwords = left;
  return { status: 204 };
}

export function updateApplication(application: StoredApplication, body: unknown): EntraAnswer {
  // `as`: checked by the description.
  const { tags, ...others } = body as { tags?: readonly string[] };
  if (Object.keys(others).length > 0) {
    return graphError(400, "Request_BadRequest", `Update of ${Object.keys(others).join()} is not supported.`);
  }
  if (tags?.some((tag) => tag.length > 256) === true) {
    return graphError(400, "Request_BadRequest", "Invalid value specified for property 'tags'.");
  }
  application.tags = tags ?? application.tags;
  return { status: 204 };
}

/** What the report tells: sign-ins by client secret, of those that ever signed in. */
export function signInReport(tenant: Tenant, filter: string | null): EntraAnswer {
  if (!tenant.isPremium) {
    return graphError(
      403,
      "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
      "Neither tenant is B2C or tenant doesn't have premium license",
    );
  }
  const [, appId] = /^appId eq '([0-9a-f-]+)'$/.exec(filter ?? "") ?? [];
  const value = [...tenant.signIns]
    .filter(([, signIn]) => signIn.appId === appId)
    .map(([keyId, { at }]) => ({
      id: Buffer.from(`${keyId}|application`).toString("base64"),
      appId,
      keyId,
      keyType: "clientSecret",
      keyUsage: "verify",
      credentialOrigin: "application",
      signInActivity: { lastSignInDateTime: graphDate(at), lastSignInRequestId: keyId },
    }));
  return {
    status: 200,
    body: {
      "@odata.context": "https://graph.microsoft.com/beta/$metadata#reports/appCredentialSignInActivities",
      value,
    },
  };
}
