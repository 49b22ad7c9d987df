import pg from "pg";
import type { TestPostgres } from "../services/postgresql.ts";
import { isRefused } from "./consumer.ts";
import { type Estate, git } from "./estate.ts";

/** A real login; false when the server refuses the password or the role. */
export async function canLogIn(
  postgres: TestPostgres,
  login: { database: string; user: string; password: string },
): Promise<boolean> {
  const client = new pg.Client({
    host: postgres.host,
    port: postgres.port,
    ...login,
    connectionTimeoutMillis: 5000,
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

/** Places where a secret was found although it must be in none: every object of the remote, the server's log, what was printed. */
export function leaks(estate: Estate, texts: Readonly<Record<string, string>>): string[] {
  const objects = git(estate.remote, "cat-file", "--batch-all-objects", "--batch");
  const places = { ...texts, "objects of the remote": objects };
  return Object.entries(places).flatMap(([place, text]) =>
    [...estate.consumer.seen]
      .filter((secret) => secret !== "" && formsOf(secret).some((form) => text.includes(form)))
      .map(() => place),
  );
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
