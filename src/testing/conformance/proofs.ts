import pg from "pg";
import type { TestPostgres } from "../services/postgresql.ts";
import { isRefused } from "./consumer.ts";
import { git } from "./estate.ts";

/** A real login; false when the server refuses the password or the role. */
export async function canLogIn(
  postgres: TestPostgres,
  login: { database: string; user: string; password: string },
): Promise<boolean> {
  const client = new pg.Client({
    host: postgres.host,
    port: postgres.port,
    ...login,
    connectionTimeoutMillis: 30_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    // Only the server's word counts as refused: one that does not answer proves nothing.
    if (isRefused(error)) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Everything that a remote keeps, reachable or not. */
export function objectsOf(remote: string): string {
  return git(remote, "cat-file", "--batch-all-objects", "--batch");
}

/** Names of the texts in which a secret was found although it must be in none. */
export function leaks(seen: ReadonlySet<string>, texts: Readonly<Record<string, string>>): string[] {
  const found = Object.entries(texts).filter(([, text]) =>
    [...seen].some((secret) => secret !== "" && formsOf(secret).some((form) => text.includes(form))),
  );
  return found.map(([place]) => place);
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  return [
    secret,
    bytes.toString("hex"),
    encodeURIComponent(secret),
    Buffer.from(secret).toReversed().toString(),
    ...shifted,
  ];
}
