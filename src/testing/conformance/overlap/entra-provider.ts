import { requestToken } from "../../../adapters/clients/oauth/token-request.ts";
import { Secret } from "../../../core/model/secret.ts";
import { startEntra } from "../../services/entra/entra-service.ts";
import type { OverlapProvider } from "./overlap-provider.ts";

/** How old the first client secret is, in milliseconds: due. */
const OLD = 90 * 86_400_000;

export interface EntraProviderOptions {
  /** Whether the runner asks the report of sign-ins; default true. */
  readonly signInActivity?: boolean;
  /** Whether it may; default true. */
  readonly mayReadReport?: boolean;
  /** When the first client secret ends; default two years after its making. */
  readonly end?: string;
}

/** An application with one client secret, and beside it a stranger with one; the runner's client owns both. */
export async function openEntraProvider(
  name: string,
  clock: () => number,
  { signInActivity = true, mayReadReport = true, end }: EntraProviderOptions = {},
): Promise<OverlapProvider> {
  const time = { ago: OLD };
  const service = await startEntra(() => clock() - time.ago);
  const client = service.addApplication();
  client.granted.add("Application.ReadWrite.OwnedBy");
  if (mayReadReport) client.granted.add("AuditLog.Read.All");
  const login = service.addByHand(client);
  const application = service.addApplication();
  const stranger = service.addApplication();
  for (const owned of [application, stranger]) owned.owners.add(client.appId);
  const first = service.addByHand(application, "made by hand", end);
  service.addByHand(stranger, "of others");
  application.tags = ["team:payments"];
  time.ago = 0;
  const { url, tenant } = service;
  // An estate has several of them, each with a client of its own.
  const variable = `ENTRA_SECRET_${name.toUpperCase().replaceAll("-", "_")}`;
  return {
    type: "oauth-client-secret",
    provider: `entra-application: { connection: ${name}-cloud, applicationId: ${application.appId} }`,
    connection: `entra: { tenant: ${tenant.id}, clientId: ${client.appId}, secret: { env: ${variable} }, endpoint: "${url}", authority: "${url}", signInActivity: ${signInActivity} }`,
    object: application.appId,
    secrets: { [variable]: login.secretText },
    first: { clientId: application.appId, clientSecret: first.secretText },
    secretPart: "clientSecret",
    signIn: async ({ clientId = "", clientSecret = "" }) => {
      const answer = await requestToken(
        {
          tokenUrl: new URL(`${url}/${tenant.id}/oauth2/v2.0/token`),
          clientId,
          clientSecret: new Secret(clientSecret),
          scope: `${url}/.default`,
        },
        AbortSignal.timeout(20_000),
      );
      if (!answer.ok) throw new Error(answer.message);
    },
    versions: async () => application.passwords.map(({ keyId }) => ({ handle: keyId, live: true })),
    strangers: async () => ({
      passwords: stranger.passwords.map(({ keyId }) => keyId),
      tags: stranger.tags,
      own: application.tags.filter((tag) => !tag.startsWith("cre:")),
    }),
    listen: (hear) => {
      service.listener = hear;
    },
    stop: async () => service.close(),
  };
}
