import { startKeycloakStandIn } from "../../services/keycloak/stand-in.ts";
import type { OverlapProvider } from "./overlap-provider.ts";

/** Requests of the runner that change something. */
const WRITES = /^(PUT|POST|DELETE) client/;
/** How old the first secret is, in milliseconds: due. */
const OLD = 90 * 86_400_000;
const DAY = 86_400;
/** The runner signs in to every server with the same login. */
const RUNNER_SECRET = "the-login-of-the-conformance-suite";

/** A client with its first secret under a realm's rotation policy, and beside it a stranger's. */
export async function openKeycloakProvider(name: string, clock: () => number): Promise<OverlapProvider> {
  const time = { ago: OLD };
  const service = await startKeycloakStandIn({
    clock: () => clock() - time.ago,
    runnerSecret: RUNNER_SECRET,
  });
  const realm = await service.addRealm("shop");
  await realm.policy({ expiration: 365 * DAY, rotatedExpiration: 60 * DAY });
  const clientId = `${name}-client`;
  for (const each of [clientId, "stranger"]) {
    const team = each === clientId ? "payments" : "others";
    const client = { clientId: each, serviceAccountsEnabled: true, attributes: { team } };
    await realm.admin("POST", "/clients", client);
  }
  const shown = async (one: string): Promise<Shown> => {
    const { body } = await realm.admin("GET", `/clients?clientId=${one}`);
    // `as`: the representation of a client that is there.
    return (Array.isArray(body) ? body[0] : undefined) as Shown;
  };
  const signIn = async (id: string, secret: string): Promise<boolean> => {
    const form = { grant_type: "client_credentials", client_id: id, client_secret: secret };
    return (await realm.post("token", form)).status === 200;
  };
  const { secret: first } = await shown(clientId);
  time.ago = 0;
  return {
    type: "oauth-client-secret",
    provider: `keycloak-client: { connection: ${name}-cloud, realm: shop, clientId: ${clientId} }`,
    connection: `keycloak: { url: "${service.url}", realm: shop, clientId: ${realm.runner.clientId}, secret: { env: KEYCLOAK_SECRET } }`,
    object: clientId,
    secrets: { KEYCLOAK_SECRET: realm.runner.secret },
    first: { clientId, clientSecret: first },
    secretPart: "clientSecret",
    tellsUse: false,
    signIn: async ({ clientId: id = "", clientSecret = "" }) => {
      if (!(await signIn(id, clientSecret))) throw new Error("the secret is refused");
    },
    versions: async () => {
      const { secret, attributes } = await shown(clientId);
      const found = [secret, attributes["client.secret.rotated"]].filter((each) => each !== undefined);
      return Promise.all(
        found.map(async (each, at) => ({
          handle: at === 0 ? "current" : "rotated",
          live: await signIn(clientId, each),
        })),
      );
    },
    strangers: async () => ({
      stranger: await shown("stranger"),
      team: (await shown(clientId)).attributes["team"],
    }),
    listen: (hear) =>
      service.listen(
        hear === undefined
          ? undefined
          : ({ operation }, side) => {
              const how = WRITES.test(operation) ? hear(operation, side) : undefined;
              return how === "error" ? { status: 503 } : how;
            },
      ),
    stop: async () => service.close(),
  };
}

interface Shown {
  readonly secret: string;
  readonly attributes: Readonly<Record<string, string>>;
}
