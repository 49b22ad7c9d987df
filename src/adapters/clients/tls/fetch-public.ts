import { request } from "node:http";
import type { LookupAll } from "./addresses.ts";

/** What certificates name: where their issuers say more about them. Signed by them, so that plain http is enough. */
export interface PublicFetch {
  (url: string, options: FetchOptions): Promise<Buffer | undefined>;
}

export interface FetchOptions {
  /** A POST with this body; absent: GET. */
  readonly body?: { readonly type: string; readonly bytes: Buffer };
  /** Bytes of the answer beyond which it is dropped. */
  readonly largest: number;
  readonly signal: AbortSignal;
}

export interface FetchLimits {
  readonly mayConnect: (host: string, port: number, address: string) => boolean;
  readonly lookup: LookupAll;
  /** Seconds for one answer. */
  readonly seconds: number;
}

/**
 * Fetches what a certificate names, which anybody may have written: plain http, only from addresses that may be
 * scanned, the checked address being the one connected to, no redirect, bounded in size and time. Undefined when
 * there is no such answer, for whatever reason.
 */
export function publicFetch({ mayConnect, lookup, seconds }: FetchLimits): PublicFetch {
  return async (text, { body, largest, signal }) => {
    if (!URL.canParse(text)) return undefined;
    const url = new URL(text);
    if (url.protocol !== "http:" || url.username !== "" || url.password !== "") return undefined;
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const port = url.port === "" ? 80 : Number(url.port);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
    const addresses = await Promise.race([lookup(host).catch(() => []), noneAfter(limit)]);
    const address = addresses.find((one) => mayConnect(host, port, one));
    if (address === undefined || limit.aborted) return undefined;
    return new Promise((resolve) => {
      const asked = request({
        host: address,
        port,
        path: url.pathname + url.search,
        method: body === undefined ? "GET" : "POST",
        agent: false,
        headers: {
          host: url.host,
          ...(body === undefined ? {} : { "content-type": body.type, "content-length": body.bytes.length }),
        },
        signal: limit,
      });
      const nothing = (): void => {
        resolve(undefined);
        asked.destroy();
      };
      // Without a listener Node closes such a connection without a word, and nobody would ever hear of it again.
      asked.on("upgrade", nothing);
      asked.on("error", nothing).on("response", (answer) => {
        if (answer.statusCode !== 200) return nothing();
        const chunks: Buffer[] = [];
        let size = 0;
        answer
          .on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size > largest) nothing();
            else chunks.push(chunk);
          })
          .on("error", nothing)
          .on("aborted", nothing)
          .on("end", () => resolve(size > largest ? undefined : Buffer.concat(chunks)));
      });
      asked.end(body?.bytes);
    });
  };
}

/** A lookup takes no signal: what it finds after that is not waited for. */
async function noneAfter(limit: AbortSignal): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const none = (): void => resolve([]);
    if (limit.aborted) none();
    else limit.addEventListener("abort", none, { once: true });
  });
}
