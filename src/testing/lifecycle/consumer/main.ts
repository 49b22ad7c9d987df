// The application of the story as a program of its own: the container `consumer` of docker-compose.test.yml. Its
// neighbours there have other addresses than whoever runs the story sees.
import { openApplication } from "./application.ts";
import type { ConsumerWorld } from "./consumer-world.ts";

function setting(name: string): string {
  const value = process.env[name] ?? "";
  if (value === "") throw new Error(`set the variable ${name}`);
  return value;
}

/** `host:port` of a variable. */
function place(name: string): { readonly host: string; readonly port: number } {
  const [host = "", port] = setting(name).split(":");
  return { host, port: Number(port) };
}

const elsewhere = ({ postgresql, aws, ssh, oauth }: ConsumerWorld): ConsumerWorld => ({
  postgresql: { ...postgresql, ...place("CONSUMER_POSTGRESQL") },
  aws: { ...aws, endpoint: setting("CONSUMER_AWS") },
  ssh: { ...ssh, ...place("CONSUMER_SSH") },
  oauth: { url: `${setting("CONSUMER_KEYCLOAK")}${new URL(oauth.url).pathname}` },
});

const application = await openApplication({ host: "0.0.0.0", port: 8080, tlsPort: 8443, elsewhere });
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void application.close());
