import { createHash } from "node:crypto";
import { get } from "node:http";
import { type AccountRecord, type AuthorizationRecord } from "./records.ts";
import { thumbprint } from "./signed-request.ts";

/** What the stand-in can look at to see whether a name is its customer's. */
export interface Sight {
  readonly httpPort: number;
  /** TXT records by name. */
  readonly records: ReadonlyMap<string, readonly string[]>;
}

/** Looks as a CA does; undefined when it is proven, else the problem. */
export async function validate(
  { name, token, account }: AuthorizationRecord,
  type: string,
  sight: Sight,
): Promise<object | undefined> {
  const expected = `${token}.${thumbprintOf(account)}`;
  if (type === "dns-01") {
    const digest = createHash("sha256").update(expected).digest("base64url");
    const found = sight.records.get(`_acme-challenge.${name}`) ?? [];
    if (found.includes(digest)) return undefined;
    return found.length === 0
      ? problem("dns", `no TXT record found at _acme-challenge.${name}`)
      : problem("unauthorized", `the TXT records at _acme-challenge.${name} are others`);
  }
  const path = `/.well-known/acme-challenge/${token}`;
  const url = `http://${name}:${sight.httpPort}${path}`;
  try {
    const { status, text } = await fetched(sight.httpPort, name, path);
    if (status !== 200) return problem("unauthorized", `${url} answered with the status ${status}`);
    return text.trim() === expected ? undefined : problem("incorrectResponse", `${url} holds something else`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
    return problem("connection", `fetching ${url}: ${code}`);
  }
}

function thumbprintOf({ jwk }: AccountRecord): string {
  return thumbprint(jwk);
}

/** Every name leads to this machine. */
async function fetched(port: number, name: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: "127.0.0.1", port, path, headers: { Host: name }, agent: false, timeout: 5_000 },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", reject);
  });
}

function problem(type: string, detail: string): object {
  return { type: `urn:ietf:params:acme:error:${type}`, detail, status: 400 };
}
