import type { KubernetesConnection } from "../../../core/documents/connection.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { SecretSource } from "../../../core/ports/runtime.ts";
import { type ExchangeAnswer, exchange, NoAnswer } from "../http/exchange.ts";

/** A Secret may hold 1 MiB; base64 makes it a third larger, and field ownership comes on top. */
const LARGEST_ANSWER = 4 * 1024 * 1024;
const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
/** Without an alternative: an API that cannot leave the values out must not answer at all. */
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

const METHODS = { get: "GET", list: "GET", patch: "PATCH", delete: "DELETE" } as const;

export type Resource = "secrets" | "deployments" | "statefulsets" | "daemonsets";

/** One request about one object of the namespace. */
export interface ApiCall {
  /** What RBAC calls it. */
  readonly verb: "get" | "list" | "patch" | "delete";
  readonly resource: Resource;
  readonly namespace: string;
  /** Empty for a list. */
  readonly name: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: string;
  /** Only the metadata comes back: no values travel that nobody needs. */
  readonly metadataOnly?: boolean;
}

/** An answer of the API itself, whatever its status. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiClient {
  /** Where it leads, for people. */
  readonly origin: string;
  /** Rejects with an EffectError when nothing, or nothing of the API, came back. */
  send(call: ApiCall, signal: AbortSignal): Promise<ApiAnswer>;
}

/** What a client is made of. */
export interface ApiAccess {
  readonly connectionName: string;
  readonly connection: KubernetesConnection;
  readonly ca: string | undefined;
  readonly secrets: SecretSource;
  readonly limitSeconds: number;
}

/** Speaks to one API server with a bearer token, one connection for each request. */
export function createApiClient(access: ApiAccess): ApiClient {
  const { connection, ca, secrets, limitSeconds } = access;
  const url = serverUrl(access.connectionName, connection.server);
  return {
    origin: url.origin,
    send: async (call, signal) => {
      if (signal.aborted) {
        throw new EffectError("refused", "kubernetes-interrupted", "interrupted before the API was asked");
      }
      const authorization = bearer(await secrets.read(connection.token));
      try {
        const answer = await exchange(
          url,
          ca,
          {
            method: METHODS[call.verb],
            path: pathOf(url, call),
            headers: {
              Authorization: authorization,
              Accept: acceptedBy(call),
              "User-Agent": "cre",
              ...(call.contentType === undefined ? {} : { "Content-Type": call.contentType }),
            },
            body: call.body ?? "",
            largestAnswer: LARGEST_ANSWER,
          },
          AbortSignal.any([signal, AbortSignal.timeout(limitSeconds * 1000)]),
        );
        return { status: answer.status, body: objectIn(answer) };
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        throw new EffectError(
          outcomeInDoubt(call),
          "kubernetes-no-answer",
          `the Kubernetes API at ${url.origin} did not answer`,
          {
            evidence: `${describeCall(call)}: ${error.reason}`,
            fix: noAnswerFix(error.reason),
          },
        );
      }
    },
  };
}

function acceptedBy({ verb, metadataOnly }: ApiCall): string {
  if (metadataOnly !== true) return "application/json";
  return verb === "list" ? METADATA_LIST : METADATA_ONLY;
}

function bearer(token: Secret): string {
  // Files of tokens often end with a line break.
  const text = token.reveal().trim();
  if (/^[\x21-\x7e]+$/.test(text)) return `Bearer ${text}`;
  throw new EffectError("refused", "kubernetes-token", "the token of the connection is no bearer token", {
    evidence: "it is empty, or has spaces or characters that no token has",
    fix: "give the connection the token alone, without a name before it",
    retryable: false,
  });
}

/** A call that only reads, or only tries, changes nothing whatever becomes of it. */
export function outcomeInDoubt({ verb, query }: ApiCall): "refused" | "unknown" {
  return verb === "get" || verb === "list" || query?.["dryRun"] !== undefined ? "refused" : "unknown";
}

/** The call in the words of RBAC. */
export function describeCall({ verb, resource, namespace, name }: ApiCall): string {
  return `${verb} ${resource} ${namespace}${name === "" ? "" : `/${name}`}`;
}

function serverUrl(connectionName: string, server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  const isPlain =
    url !== undefined && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isPlain) return url;
  throw new CreError("kubernetes-server", `the server of the connection ${connectionName} is no plain URL`, {
    fix: "write the https address of the API, with a path if it has one, without a user, query or fragment",
  });
}

function pathOf(url: URL, { resource, namespace, name, query = {} }: ApiCall): string {
  const group = resource === "secrets" ? "api/v1" : "apis/apps/v1";
  const base = url.pathname.replace(/\/+$/, "");
  const asked = new URLSearchParams(query).toString();
  return `${base}/${group}/namespaces/${encodeURIComponent(namespace)}/${resource}${name === "" ? "" : `/${encodeURIComponent(name)}`}${
    asked === "" ? "" : `?${asked}`
  }`;
}

/** The JSON object of an answer; an empty one where something else answered, which no reader takes for an object. */
function objectIn({ body }: ExchangeAnswer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      // `as`: a JSON value that is neither null nor a list nor a scalar.
      return parsed as ApiAnswer["body"];
    }
  } catch {
    // Not the API: a proxy's page, or nothing.
  }
  return {};
}

function noAnswerFix(reason: string): string {
  if (/CERT|SIGNATURE|ISSUER|TLS|SSL/.test(reason)) {
    return "give the connection the `ca` that signed the API server's certificate (clusters have their own)";
  }
  return "check the server of the connection, and that this runner reaches it";
}
