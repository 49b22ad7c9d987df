import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ApiProblem, forbidden, type ObjectName } from "./api-problem.ts";
import { isObject, type Json } from "./field-sets.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";
import { listAnswer } from "./listing.ts";
import { type KubernetesOpenApi, readOpenApi } from "./open-api.ts";
import { isAllowed, type PolicyRule } from "./permissions.ts";
import { StoredObjects, type Writing } from "./stored-objects.ts";

const KINDS: Readonly<Record<string, string>> = {
  secrets: "Secret",
  deployments: "Deployment",
  statefulsets: "StatefulSet",
  daemonsets: "DaemonSet",
};
const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  POST: "create",
  PATCH: "patch",
  DELETE: "delete",
};
const USERS: Readonly<Record<string, string>> = { "stand-in-admin": "admin", "stand-in-runner": "runner" };

interface Request {
  readonly method: string;
  readonly object: ObjectName;
  readonly isStatus: boolean;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly accept: string;
  readonly agent: string;
  readonly user: string;
  readonly body: Json;
}

/**
 * A Kubernetes API without etcd, for Secrets and workloads: server-side apply with field ownership, versions, RBAC,
 * dry runs and `Status` answers as the real one has them (the contract suite holds the two together). What goes in
 * and what comes out is checked against Kubernetes' own OpenAPI. Nothing happens by itself: a test plays controllers.
 */
export async function startStandIn(): Promise<KubernetesServer> {
  const objects = new StoredObjects();
  const permissions = new Map<string, readonly PolicyRule[]>();
  const openApi = readOpenApi();
  const server = createServer((incoming, response) => {
    handle(incoming, openApi, objects, permissions)
      .catch((error: unknown) => {
        if (error instanceof ApiProblem) return { status: error.status, body: error.body };
        return { status: 500, body: { fault: String(error instanceof Error ? error.stack : error) } };
      })
      .then(
        ({ status, body }) => {
          response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
        },
        () => response.destroy(),
      );
  });
  return {
    name: `stand-in for Kubernetes ${openApi.version}`,
    url: await listen(server),
    ca: undefined,
    tokens: { admin: "stand-in-admin", runner: "stand-in-runner" },
    addNamespace: async (name) => objects.addNamespace(name),
    allow: async (namespace, rules) => void permissions.set(namespace, rules),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => void server.close(() => done()));
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function handle(
  incoming: IncomingMessage,
  openApi: KubernetesOpenApi,
  objects: StoredObjects,
  permissions: ReadonlyMap<string, readonly PolicyRule[]>,
): Promise<{ status: number; body: Json }> {
  const request = await requestOf(incoming, openApi);
  const { object, method, accept } = request;
  const allow = (verb: string): void => {
    if (request.user === "admin") return;
    const { group, plural } = object;
    // Who posts does not say in the request line what it is to make.
    const name = method === "POST" ? "" : object.name;
    const rules = permissions.get(object.namespace) ?? [];
    if (isAllowed(rules, { verb, group, resource: plural, name })) return;
    throw forbidden(request.user, verb, object);
  };
  const isList = method === "GET" && object.name === "";
  allow(isList ? "list" : (VERBS[method] ?? method));
  if (isList) {
    const apiVersion = object.group === "" ? "v1" : `${object.group}/v1`;
    const asked = { kind: object.kind, apiVersion, query: request.query, accept };
    return { status: 200, body: listAnswer(objects.list(object), asked) };
  }
  let isNew = method === "POST";
  const answer = perform(request, objects, openApi, () => {
    isNew = true;
    allow("create");
  });
  const fault = openApi.objectFault(answer["kind"] === "Status" ? "Status" : object.kind, answer);
  if (fault !== undefined) throw new Error(`the stand-in's own answer is wrong: ${fault}`);
  const isPartial = accept.includes("as=PartialObjectMetadata") && answer["kind"] !== "Status";
  return {
    status: isNew ? 201 : 200,
    body: isPartial
      ? { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: answer["metadata"] }
      : answer,
  };
}

async function requestOf(incoming: IncomingMessage, openApi: KubernetesOpenApi): Promise<Request> {
  const url = new URL(incoming.url ?? "", "http://stand-in");
  const found =
    /^\/(?:api\/v1|apis\/(apps)\/v1)\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+)(\/status)?)?$/.exec(
      url.pathname,
    );
  const [, group = "", namespace = "", plural = "", nameText = "", statusText] = found ?? [];
  const kind = KINDS[plural];
  if (kind === undefined || (plural === "secrets") !== (group === "")) {
    throw new ApiProblem(404, "NotFound", "the server could not find the requested resource", {});
  }
  const user = USERS[/^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1] ?? ""];
  if (user === undefined) throw new ApiProblem(401, "Unauthorized", "Unauthorized");

  const { method = "" } = incoming;
  const [contentType = ""] = (incoming.headers["content-type"] ?? "").split(";");
  const base = group === "" ? "/api/v1" : "/apis/apps/v1";
  const place = nameText === "" ? "" : `/{name}${statusText ?? ""}`;
  const fault = openApi.requestFault(
    method,
    `${base}/namespaces/{namespace}/${plural}${place}`,
    url.searchParams,
    contentType,
  );
  if (fault !== undefined) throw new ApiProblem(415, "UnsupportedMediaType", fault, {});
  const said = await text(incoming);
  const parsed: unknown = said === "" ? {} : JSON.parse(said);
  const body: Json = isObject(parsed) ? parsed : {};
  const metadata = isObject(body["metadata"]) ? body["metadata"] : {};
  return {
    method,
    object: {
      group,
      plural,
      kind,
      namespace: decodeURIComponent(namespace),
      // Only one that is to be made names itself in its body.
      name: nameText === "" ? nameIn(metadata["name"]) : decodeURIComponent(nameText),
    },
    isStatus: statusText !== undefined,
    query: url.searchParams,
    contentType,
    accept: incoming.headers.accept ?? "",
    agent: incoming.headers["user-agent"] ?? "",
    user,
    body,
  };
}

function perform(
  request: Request,
  objects: StoredObjects,
  openApi: KubernetesOpenApi,
  mayCreate: () => void,
): Json {
  const { method, object, query, contentType, body, agent } = request;
  const dryRun = query.get("dryRun") === "All";
  const writing: Writing = {
    manager: query.get("fieldManager") ?? agent.split("/")[0] ?? "",
    dryRun,
    force: query.get("force") === "true",
    mayCreate,
  };
  switch (method) {
    case "GET":
      return objects.read(object);
    case "POST":
      checkBody(openApi, object.kind, body);
      return objects.create(object, body, writing);
    case "DELETE":
      checkBody(openApi, "DeleteOptions", body);
      return objects.remove(object, body, dryRun);
    case "PATCH":
      if (request.isStatus) return objects.mergeStatus(object, body);
      if (contentType !== "application/apply-patch+yaml") return objects.merge(object, body, writing);
      if (query.get("fieldManager") === null) {
        throw new ApiProblem(
          422,
          "Invalid",
          'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
          {
            group: "meta.k8s.io",
            kind: "PatchOptions",
            causes: [
              {
                reason: "FieldValueRequired",
                message: "Required value: is required for apply patch",
                field: "fieldManager",
              },
            ],
          },
        );
      }
      checkBody(openApi, object.kind, body);
      return objects.apply(object, body, writing);
    default:
      throw new ApiProblem(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        {},
      );
  }
}

/** The name in a body; a list has none. */
function nameIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The real one answers 500 where a body does not fit its type, and so does this. */
function checkBody(openApi: KubernetesOpenApi, definition: string, body: Json): void {
  const fault = openApi.objectFault(definition, body);
  if (fault !== undefined) throw new ApiProblem(500, undefined, fault);
}
