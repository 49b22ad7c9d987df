/**
 * The reference server as a program. `node main.ts` serves the contract at /rotate and the token service at /whoami;
 * `node main.ts token OBJECT` makes a token by hand while the server is stopped. Settings come from variables (see the
 * README).
 */
import { createServer } from "node:http";
import { createRotatorServer } from "./server.ts";
import { openTokenService } from "./token-service.ts";

function setting(name: string, otherwise?: string): string {
  const value = process.env[name] ?? otherwise;
  if (value !== undefined && value !== "") return value;
  throw new Error(`set the variable ${name}`);
}

const service = await openTokenService({ path: setting("STATE_FILE", "tokens.json") });
const [command, object = ""] = process.argv.slice(2);
if (command === "token") {
  await service.addObject(object);
  const created = await service.createByHand(object);
  if (created === undefined) throw new Error("both slots are taken");
  console.log(`${created.handle} ${created.parts["token"]}`);
} else {
  await serve();
}

async function serve(): Promise<void> {
  const keyId = setting("ROTATOR_KEY_ID", "k1");
  const port = Number(setting("PORT", "8080"));
  const rotate = createRotatorServer({
    keys: new Map([[keyId, setting("ROTATOR_KEY")]]),
    backend: service,
    log: (line) => console.log(line),
  });
  // In front of it stands what ends TLS: the runner speaks plain http to its own machine only.
  const server = createServer((request, response) => {
    if (request.url === "/whoami") service.whoami(request, response);
    else if (request.url === "/rotate") rotate(request, response);
    else response.writeHead(404).end();
  });
  server.listen(port, "127.0.0.1", () => {
    const address = server.address();
    const shown = typeof address === "object" && address !== null ? address.port : port;
    console.log(`listening on http://127.0.0.1:${shown}/rotate with the key ${keyId}`);
  });
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      server.close();
      server.closeIdleConnections();
    });
  }
}
