import { isIP } from "node:net";
import { Secret, type SecretParts } from "../../../core/model/secret.ts";

/** Names of the parts that a version publishes. */
export const PARTS = ["username", "password", "host", "port", "database", "url"] as const;

/** Everything that a consumer needs beside the password. */
export interface PublicParts {
  readonly username: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** What consumers get: all parts, and the same as one `postgresql://` URL. */
export function secretParts(password: Secret, place: PublicParts): SecretParts {
  const { username, host, port, database } = place;
  const shownHost = isIP(host) === 6 ? `[${host}]` : encodeURIComponent(host);
  const [user, word, base] = [username, password.reveal(), database].map(encodeURIComponent);
  return new Map([
    ["username", new Secret(username)],
    ["password", password],
    ["host", new Secret(host)],
    ["port", new Secret(String(port))],
    ["database", new Secret(database)],
    ["url", new Secret(`postgresql://${user}:${word}@${shownHost}:${port}/${base}`)],
  ]);
}
