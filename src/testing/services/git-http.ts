import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname } from "node:path";
import { gitSurroundings } from "./git-remote.ts";

/**
 * What the server does to a push instead of serving it: `drop` cuts the connection before anything is applied, `cut`
 * applies it and then cuts the connection without an answer, `hang` applies nothing and never answers, `error` answers
 * 500, `deny` answers 403.
 */
export type PushFault = "drop" | "cut" | "hang" | "error" | "deny";

export interface GitHttpRemote {
  readonly url: string;
  /** Pushes that reached the server so far. */
  readonly pushes: number;
  /** Asked at every push, counted from 1. */
  onPush: (push: number) => PushFault | undefined;
  close(): Promise<void>;
}

/**
 * Serves one bare repository by git's own `http-backend` on 127.0.0.1. With `token`, every request must carry it as
 * the password of Basic authorization.
 */
export async function startGitHttpRemote(
  bare: string,
  options: { readonly token?: string } = {},
): Promise<GitHttpRemote> {
  const remote: Omit<GitHttpRemote, "close" | "url" | "pushes"> & { url: string; pushes: number } = {
    url: "",
    pushes: 0,
    onPush: noFault,
  };
  const server = createServer((request, response) => {
    if (options.token !== undefined && passwordOf(request) !== options.token) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("authentication required");
      return;
    }
    let fault: PushFault | undefined;
    if (request.method === "POST" && request.url?.endsWith("/git-receive-pack") === true) {
      // git first asks with an empty pack whether it may, when the pack will be sent in chunks.
      if (request.headers["content-length"] !== "4") {
        remote.pushes += 1;
        fault = remote.onPush(remote.pushes);
      }
    }
    serve(bare, request, response, fault);
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

function serve(
  bare: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: PushFault | undefined,
): void {
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
  const child = spawn("git", ["http-backend"], {
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
    if (fault === "cut") {
      request.socket.destroy();
      return;
    }
    answer(response, Buffer.concat(chunks));
  });
}

/** Takes the CGI answer apart. */
function answer(response: ServerResponse, output: Buffer): void {
  const end = output.indexOf("\r\n\r\n");
  let status = 200;
  for (const line of output.toString("latin1", 0, end).split("\r\n")) {
    const [name = "", value = ""] = line.split(/: (.*)/);
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(output.subarray(end + 4));
}

function passwordOf(request: IncomingMessage): string | undefined {
  const [scheme, value] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || value === undefined) return undefined;
  return Buffer.from(value, "base64").toString("utf8").split(":")[1];
}

function noFault(): PushFault | undefined {
  return undefined;
}
