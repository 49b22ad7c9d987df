import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname } from "node:path";
import { gitSurroundings } from "./git-remote.ts";

/**
 * What the server does to a push instead of serving it. Nothing is applied by `drop` (cuts the connection), `hang`
 * (never answers), `error` (answers 500) and `deny` (answers 403). The push is applied, and then its answer is lost, by
 * `cut` (no answer), `half` (cut in its middle), `late-hang` (never answers) and `late-error` (answers 500).
 */
export type PushFault = "drop" | "hang" | "error" | "deny" | "cut" | "half" | "late-hang" | "late-error";

export interface GitHttpRemote {
  readonly url: string;
  /** Pushes that reached the server so far. */
  readonly pushes: number;
  /** Requests of any kind that reached it. */
  readonly requests: number;
  /** While it is down, every connection is cut before anything is served. */
  down: boolean;
  /** Asked at every push, counted from 1. */
  onPush: (push: number) => PushFault | undefined | Promise<PushFault | undefined>;
  close(): Promise<void>;
}

/**
 * Serves one bare repository by git's own `http-backend` on 127.0.0.1. With `token`, every request must carry it as
 * the password of Basic authorization. `enter` is a command in front of git's, such as one that enters a mount.
 */
export async function startGitHttpRemote(
  bare: string,
  options: { readonly token?: string; readonly enter?: readonly string[] } = {},
): Promise<GitHttpRemote> {
  const remote: Omit<GitHttpRemote, "close" | "url" | "pushes" | "requests"> & {
    url: string;
    pushes: number;
    requests: number;
  } = {
    url: "",
    pushes: 0,
    requests: 0,
    down: false,
    onPush: noFault,
  };
  const server = createServer((request, response) => {
    remote.requests += 1;
    if (remote.down) {
      request.socket.destroy();
      return;
    }
    if (options.token !== undefined && passwordOf(request) !== options.token) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("authentication required");
      return;
    }
    let fault: Promise<PushFault | undefined> | PushFault | undefined;
    if (request.method === "POST" && request.url?.endsWith("/git-receive-pack") === true) {
      // git first asks with an empty pack whether it may, when the pack will be sent in chunks.
      if (request.headers["content-length"] !== "4") {
        remote.pushes += 1;
        fault = remote.onPush(remote.pushes);
      }
    }
    void Promise.resolve(fault).then((known) => {
      serve({ bare, enter: options.enter ?? [], request, response, fault: known });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  remote.url = `http://127.0.0.1:${port}/${basename(bare)}`;
  return Object.assign(remote, {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Exchange {
  readonly bare: string;
  readonly enter: readonly string[];
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: PushFault | undefined;
}

function serve({ bare, enter, request, response, fault }: Exchange): void {
  if (fault === "drop") {
    request.socket.destroy();
    return;
  }
  if (fault === "hang") return;
  if (fault === "error" || fault === "deny") {
    request.resume();
    response
      .writeHead(fault === "error" ? 500 : 403)
      .end(fault === "error" ? "broken" : "Write access not granted.");
    return;
  }
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const [command, ...args] = [...enter, "git", "http-backend"];
  const child = spawn(command, args, {
    env: {
      ...gitSurroundings(dirname(bare)),
      GIT_PROJECT_ROOT: dirname(bare),
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "git",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    if (fault === "late-hang") return;
    if (fault === "cut") request.socket.destroy();
    else if (fault === "late-error") response.writeHead(500).end("broken");
    else answer(response, Buffer.concat(chunks), fault === "half");
  });
}

/** Takes the CGI answer apart; of a `half` one the connection is cut in the middle of its body. */
function answer(response: ServerResponse, output: Buffer, half: boolean): void {
  const end = output.indexOf("\r\n\r\n");
  let status = 200;
  for (const line of output.toString("latin1", 0, end).split("\r\n")) {
    const [name = "", value = ""] = line.split(/: (.*)/);
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  const body = output.subarray(end + 4);
  if (!half) {
    response.writeHead(status).end(body);
    return;
  }
  response.writeHead(status, { "content-length": body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

function passwordOf(request: IncomingMessage): string | undefined {
  const [scheme, value] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || value === undefined) return undefined;
  return Buffer.from(value, "base64").toString("utf8").split(":")[1];
}

function noFault(): PushFault | undefined {
  return undefined;
}
