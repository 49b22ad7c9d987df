import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A client that the token server knows. */
export interface TokenClient {
  readonly clientId: string;
  readonly secret: string;
}

/** npm's oidc-provider, a complete token server, on the loopback address. */
export interface TokenServer {
  readonly tokenUrl: URL;
  stop(): Promise<void>;
}

/**
 * Starts one that gives tokens to these clients for their secret (`client_secret_post`, client credentials), for the
 * scope `read` and no other.
 */
export async function startTokenServer(clients: readonly TokenClient[]): Promise<TokenServer> {
  const { Provider } = await import("oidc-provider");
  const provider = new Provider("http://127.0.0.1", {
    clients: clients.map(({ clientId, secret }) => ({
      client_id: clientId,
      client_secret: secret,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      scope: "read",
      token_endpoint_auth_method: "client_secret_post",
    })),
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    scopes: ["read", "write"],
    ttl: { ClientCredentials: 600 },
  });
  const server: Server = provider.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    tokenUrl: new URL(`http://127.0.0.1:${port}/token`),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
