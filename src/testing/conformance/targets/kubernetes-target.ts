import { randomUUID } from "node:crypto";
import { clusterHand } from "../../services/kubernetes/cluster-hand.ts";
import { isObject } from "../../services/kubernetes/field-sets.ts";
import type { PolicyRule } from "../../services/kubernetes/permissions.ts";
import type { Parts, Phase, Target, TargetContext } from "./target.ts";
import { type Passing, startTargetFront } from "./target-front.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "accessKeyId", AWS_SECRET_ACCESS_KEY: "secretAccessKey" } as const;
const SECRET = "orders";
const RIGHTS: PolicyRule = {
  apiGroups: [""],
  resources: ["secrets"],
  verbs: ["get", "create", "patch", "delete"],
};

/** A Secret that somebody made with `kubectl create secret`. */
export async function openKubernetesTarget({ name, first, shared }: TargetContext): Promise<Target> {
  const server = shared.kubernetes;
  const namespace = `shop-${randomUUID().slice(0, 8)}`;
  await server.addNamespace(namespace);
  await server.allow(namespace, [RIGHTS]);
  const hand = clusterHand(server, namespace);
  const pendingName = `${SECRET}.${name}.cre-pending`;
  await hand.createSecret(SECRET, valuesOf(first));
  const front = await startTargetFront(server.url, {
    phaseOf: (request) => phaseOf(request, pendingName),
    refusal: problem(422, "Invalid"),
    error: problem(500, "InternalError"),
  });
  const attemptOf = async (secret: string): Promise<string | undefined> => {
    const metadata = (await hand.secret(secret))?.["metadata"];
    const annotations = isObject(metadata) ? metadata["annotations"] : undefined;
    const attempt = isObject(annotations) ? annotations[`attempt.cre.dev/${name}`] : undefined;
    return typeof attempt === "string" ? attempt : undefined;
  };
  const current = async () => {
    const values: Readonly<Record<string, string>> = (await hand.values(SECRET)) ?? {};
    return Object.fromEntries(Object.entries(KEYS).map(([key, part]) => [part, values[key] ?? ""]));
  };
  return {
    kind: "kubernetes-secret",
    mentioned: `${namespace}/${SECRET}`,
    entry: `kubernetes-secret: { connection: ${name}-cluster, namespace: ${namespace}, name: ${SECRET}, values: { AWS_ACCESS_KEY_ID: "{accessKeyId}", AWS_SECRET_ACCESS_KEY: "{secretAccessKey}" } }`,
    connections: {
      [`${name}-cluster`]: `kubernetes: { server: "${front.url}", token: { env: KUBE_TOKEN } }`,
    },
    secrets: { KUBE_TOKEN: server.tokens.runner },
    current,
    attempts: async () => ({ current: await attemptOf(SECRET), pending: await attemptOf(pendingName) }),
    disturb: (how) => {
      front.disturbance = how;
    },
    disturbed: () => front.disturbed,
    // A backup is applied, or another tool's copy.
    putBack: async (before) => {
      await hand.apply(SECRET, valuesOf(before), "velero");
    },
    spoil: async (how) => {
      if (how === "no namespace") {
        front.touch = (request) => {
          request.url = request.url.replace(`/${namespace}/`, "/elsewhere/");
        };
        await server.allow("elsewhere", [RIGHTS]);
      } else if (how === "a foreign field manager") {
        await hand.apply(SECRET, valuesOf(await current()), "external-secrets");
      } else if (how === "no permission to patch") {
        await server.allow(namespace, [{ ...RIGHTS, verbs: ["get", "create", "delete"] }]);
      } else {
        throw new Error(`no way to spoil a Secret: ${how}`);
      }
    },
    mend: async () => {
      front.touch = undefined;
      await server.allow(namespace, [RIGHTS]);
      // Whoever wrote it does not any more, and hands it over.
      const values = await hand.values(SECRET);
      await hand.send("DELETE", `secrets/${SECRET}`, {});
      await hand.createSecret(SECRET, values ?? {});
    },
    stop: async () => front.close(),
  };
}

function valuesOf(parts: Parts): Parts {
  return Object.fromEntries(Object.entries(KEYS).map(([key, part]) => [key, parts[part] ?? ""]));
}

/** Only what is kept: a dry run changes nothing. */
function phaseOf({ method, url }: Passing, pendingName: string): Phase | undefined {
  const { pathname, searchParams } = new URL(url, "http://front");
  if (method !== "PATCH" || searchParams.has("dryRun")) return undefined;
  return pathname.endsWith(`/${pendingName}`) ? "stage" : "promote";
}

function problem(code: number, reason: string): { status: number; body: string } {
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason, code };
  return { status: code, body: JSON.stringify({ ...body, message: "as the test wants it" }) };
}
