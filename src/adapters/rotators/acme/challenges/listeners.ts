import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { EffectError } from "../../../../core/model/errors.ts";
import type { Pause } from "../../../../core/ports/runtime.ts";

/** Seconds between two tries for an address that another process has. */
const AGAIN = 1;
/** Seconds that another process is waited for. */
const PATIENCE = 20;
const PREFIX = "/.well-known/acme-challenge/";

interface Listener {
  readonly answers: Map<string, string>;
  readonly server: Promise<Server>;
}

/**
 * The addresses at which this process answers CAs, each with one server for all certificates that are proven there at
 * the same time. It says nothing but what was put there.
 */
export class Listeners {
  readonly #open = new Map<string, Listener>();

  /** Answers at `address` (`host:port`) with these texts by token, until they are taken away. Rejects with an EffectError. */
  async put(
    address: string,
    answers: ReadonlyMap<string, string>,
    pause: Pause,
    signal: AbortSignal,
  ): Promise<void> {
    let listener = this.#open.get(address);
    if (listener === undefined) {
      const shown = new Map<string, string>();
      listener = { answers: shown, server: listen(address, shown, pause, signal) };
      this.#open.set(address, listener);
      listener.server.catch(() => this.#open.delete(address));
    }
    for (const [token, text] of answers) listener.answers.set(token, text);
    await listener.server;
  }

  /** Takes them away; with the last one the address is free again. */
  async drop(address: string, tokens: readonly string[]): Promise<void> {
    const listener = this.#open.get(address);
    if (listener === undefined) return;
    for (const token of tokens) listener.answers.delete(token);
    if (listener.answers.size > 0) return;
    this.#open.delete(address);
    await close(await listener.server);
  }

  /** Whether it could answer there, known by doing so for a moment. */
  async try(address: string, signal: AbortSignal): Promise<void> {
    if (this.#open.has(address)) return;
    await close(await listen(address, new Map(), async () => undefined, signal, 0));
  }
}

async function listen(
  address: string,
  answers: ReadonlyMap<string, string>,
  pause: Pause,
  signal: AbortSignal,
  patience = PATIENCE,
): Promise<Server> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const port = Number(address.slice(colon + 1));
  for (let waited = 0; ; waited += AGAIN) {
    const server = createServer((request, response) => {
      const path = request.url ?? "";
      const text = path.startsWith(PREFIX) ? answers.get(path.slice(PREFIX.length)) : undefined;
      response.writeHead(text === undefined ? 404 : 200, {
        "Content-Type": "application/octet-stream",
        Connection: "close",
      });
      response.end(request.method === "HEAD" ? undefined : text);
    });
    server.headersTimeout = 5_000;
    server.requestTimeout = 5_000;
    try {
      server.listen(port, host);
      await once(server, "listening");
      // A process that has nothing else to do may end.
      return server.unref();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (code !== "EADDRINUSE" || waited >= patience || signal.aborted) throw taken(address, code);
      await pause(AGAIN, signal);
    }
  }
}

function taken(address: string, code: string): EffectError {
  const fixes: Readonly<Record<string, string>> = {
    EADDRINUSE: "free it, or let what listens there answer: `webroot` or `command`",
    EACCES:
      "give the runner the right to listen there (CAP_NET_BIND_SERVICE), or let a proxy pass the path on to a higher port",
    EADDRNOTAVAIL: "name an address of this machine, such as 0.0.0.0",
  };
  return new EffectError("refused", "acme-listen", `${address} cannot be listened on`, {
    evidence: code || "it is no address",
    fix: fixes[code] ?? "correct `listen`",
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
