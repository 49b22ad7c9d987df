import { exchange } from "../../../adapters/clients/http/exchange.ts";
import { isObject, type Json } from "./field-sets.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";

/** Somebody else in the cluster, who may do everything in one namespace: a person, a controller, another tool. */
export interface ClusterHand {
  /** The answer's body, whatever its status, with `httpStatus`. */
  send(method: Method, path: string, body?: object, options?: SendOptions): Promise<Json>;
  secret(name: string): Promise<Json | undefined>;
  /** Values of a Secret as text. */
  values(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** As `kubectl create secret` does. */
  createSecret(
    name: string,
    values: Readonly<Record<string, string>>,
    more?: Json,
    manager?: string,
  ): Promise<Json>;
  /** As `kubectl edit` does, or who `manager` says. */
  edit(name: string, patch: object, manager?: string): Promise<Json>;
  /** Server-side apply of values, as a controller does. */
  apply(name: string, values: Readonly<Record<string, string>>, manager: string, more?: Json): Promise<Json>;
  createWorkload(kind: WorkloadPlural, name: string, spec?: Json): Promise<Json>;
  workload(kind: WorkloadPlural, name: string): Promise<Json>;
  /** As the workload's controller reports. */
  report(kind: WorkloadPlural, name: string, status: object): Promise<Json>;
}

export type WorkloadPlural = "deployments" | "statefulsets" | "daemonsets";
type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface SendOptions {
  readonly manager?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly token?: string;
  readonly query?: Readonly<Record<string, string>>;
}

const KINDS = { deployments: "Deployment", statefulsets: "StatefulSet", daemonsets: "DaemonSet" } as const;
const MERGE = "application/merge-patch+json";

export function clusterHand(server: KubernetesServer, namespace: string): ClusterHand {
  const send: ClusterHand["send"] = async (method, path, body, options = {}) => {
    const {
      accept = "application/json",
      manager,
      contentType = "application/json",
      token = server.tokens.admin,
      query = {},
    } = options;
    const asked = new URLSearchParams({
      ...(manager === undefined ? {} : { fieldManager: manager }),
      ...query,
    });
    const group = path.startsWith("secrets") ? "/api/v1" : "/apis/apps/v1";
    const answer = await exchange(
      new URL(server.url),
      server.ca,
      {
        method,
        path: `${group}/namespaces/${namespace}/${path}${asked.size === 0 ? "" : `?${asked.toString()}`}`,
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: accept,
          ...(body === undefined ? {} : { "Content-Type": contentType }),
        },
        body: body === undefined ? "" : JSON.stringify(body),
        largestAnswer: 16 * 1024 * 1024,
      },
      AbortSignal.timeout(20_000),
    );
    const parsed: unknown = JSON.parse(answer.body.toString("utf8"));
    return { ...(isObject(parsed) ? parsed : {}), httpStatus: answer.status };
  };
  const patch = async (path: string, body: object, manager: string, contentType: string) =>
    send("PATCH", path, body, { manager, contentType });
  const secret: ClusterHand["secret"] = async (name) => {
    const found = await send("GET", `secrets/${name}`);
    return found["httpStatus"] === 404 ? undefined : found;
  };
  return {
    send,
    secret,
    values: async (name) => {
      const found = await secret(name);
      if (found === undefined) return undefined;
      const data = isObject(found["data"]) ? found["data"] : {};
      return Object.fromEntries(
        Object.entries(data).map(([key, value]) => [
          key,
          Buffer.from(String(value), "base64").toString("utf8"),
        ]),
      );
    },
    createSecret: async (name, values, more = {}, manager = "kubectl-create") =>
      send("POST", "secrets", secretBody(name, values, more), { manager }),
    edit: async (name, body, manager = "kubectl-edit") => patch(`secrets/${name}`, body, manager, MERGE),
    apply: async (name, values, manager, more = {}) =>
      send("PATCH", `secrets/${name}`, secretBody(name, values, more), {
        manager,
        contentType: "application/apply-patch+yaml",
        query: { force: "true" },
      }),
    createWorkload: async (kind, name, spec = {}) =>
      send("POST", kind, workloadBody(kind, name, spec), { manager: "kubectl-create" }),
    workload: async (kind, name) => send("GET", `${kind}/${name}`),
    report: async (kind, name, status) => {
      const answer = await patch(`${kind}/${name}/status`, { status }, "kube-controller-manager", MERGE);
      if (answer["httpStatus"] !== 200) throw new Error(`no such report: ${JSON.stringify(answer)}`);
      return answer;
    },
  };
}

function secretBody(
  name: string,
  values: Readonly<Record<string, string>>,
  { metadata, ...more }: Json,
): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, ...(isObject(metadata) ? metadata : {}) },
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
    ...more,
  };
}

function workloadBody(kind: WorkloadPlural, name: string, spec: Json): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: KINDS[kind],
    metadata: { name },
    spec: {
      ...(kind === "daemonsets" ? {} : { replicas: 2 }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "registry.example.com/app:1" }] },
      },
      ...(kind === "statefulsets" ? { serviceName: name } : {}),
      ...spec,
    },
  };
}
