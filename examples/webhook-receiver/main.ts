/**
 * The receiver as a program: `node main.ts`. Settings come from variables (see the README); the state is kept in a
 * file beside the service. A real service calls `createReceiver` itself and hands `withFallback` to its client library.
 */
import { createServer } from "node:http";
import { fileStore } from "./file-store.ts";
import { createReceiver } from "./receiver.ts";

function setting(name: string, otherwise?: string): string {
  const value = process.env[name] ?? otherwise;
  if (value !== undefined && value !== "") return value;
  throw new Error(`set the variable ${name}`);
}

const key = setting("HOOK_KEY");
const keyId = setting("HOOK_KEY_ID", "k1");
const port = Number(setting("PORT", "8080"));

const receiver = await createReceiver({
  keys: new Map([[keyId, key]]),
  store: fileStore(setting("STATE_FILE", "credentials.json")),
  onPromote: (credential, version) => console.log(`${credential}: now using ${version.handle}`),
  log: (line) => console.log(line),
});

// In front of it stands what ends TLS: the runner speaks plain http to its own machine only.
const server = createServer(receiver.handle);
server.listen(port, "127.0.0.1", () => {
  const address = server.address();
  const shown = typeof address === "object" && address !== null ? address.port : port;
  console.log(`listening on http://127.0.0.1:${shown}/credentials with the key ${keyId}`);
});

for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    server.close();
    server.closeIdleConnections();
  });
}
