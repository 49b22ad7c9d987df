import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError } from "../../../core/model/errors.ts";

export const WORKLOAD_KINDS = ["deployment", "statefulset", "daemonset"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

export interface Workload {
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** Everything about one target that needs no network: names of objects, fields and marks. */
export interface Place {
  readonly credential: string;
  readonly namespace: string;
  /** The Secret that applications read. */
  readonly name: string;
  /**
   * The Secret in which a new version waits. It is an object of its own, because a pod that mounts the whole target,
   * or takes it by `envFrom`, would see every further key of it; dots keep the name of two different targets or
   * credentials apart, whatever hyphens they have.
   */
  readonly pendingName: string;
  /** Target keys in the order of the document, with their templates. */
  readonly values: Readonly<Record<string, string>>;
  readonly restart: readonly Workload[];
  /**
   * Who we are for the API's field ownership. Per credential: what one manager applies replaces all it applied
   * before, so two credentials in one Secret would drop each other's keys under one name.
   */
  readonly manager: string;
  /** The annotation that names the attempt, on the target and on the pending Secret. */
  readonly attemptMark: string;
  /** The annotation on pod templates that names the attempt for which the pods were replaced. */
  readonly restartMark: string;
}

/** The label by which a pending Secret is ours. */
export const OWNER_LABEL = { key: "app.kubernetes.io/managed-by", value: "cre" } as const;

const LONGEST_NAME = 253;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const KEY = /^(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;

/** The place that an entry names. Throws a CreError for a name that no Kubernetes API takes. */
export function placeOf(credential: string, spec: NonNullable<DeliverEntry["kubernetes-secret"]>): Place {
  const { namespace, name, values, restart = [] } = spec;
  if (!NAMESPACE.test(namespace)) throw wrongName(credential, "namespace", namespace);
  if (!isObjectName(name)) throw wrongName(credential, "Secret", name);
  const key = Object.keys(values).find((candidate) => !KEY.test(candidate));
  if (key !== undefined) throw wrongName(credential, "key of a Secret", key);
  const pendingName = `${name}.${credential}.cre-pending`;
  if (!isObjectName(pendingName)) {
    throw new CreError(
      "kubernetes-name",
      `${credential}: a new version waits in the Secret ${pendingName}, and no Secret can have this name`,
      {
        fix: `shorten the names to ${LONGEST_NAME} characters together, and end the credential's with a letter or digit`,
      },
    );
  }
  return {
    credential,
    namespace,
    name,
    pendingName,
    values,
    restart: restart.map((text) => workloadOf(credential, text)),
    manager: `cre-${credential}`,
    attemptMark: `attempt.cre.dev/${credential}`,
    restartMark: `restarted.cre.dev/${credential}`,
  };
}

function workloadOf(credential: string, text: string): Workload {
  const [, kindText = "", name = ""] = /^([a-z]+)\/(.+)$/.exec(text) ?? [];
  const kind = WORKLOAD_KINDS.find((candidate) => candidate === kindText);
  if (kind === undefined || !isObjectName(name)) {
    throw new CreError("kubernetes-workload", `${credential}: ${JSON.stringify(text)} names no workload`, {
      fix: `write ${WORKLOAD_KINDS.map((known) => `${known}/NAME`).join(", ")}`,
    });
  }
  return { kind, name };
}

function isObjectName(text: string): boolean {
  return text.length <= LONGEST_NAME && OBJECT_NAME.test(text);
}

function wrongName(credential: string, what: string, text: string): CreError {
  return new CreError("kubernetes-name", `${credential}: ${JSON.stringify(text)} is no name of a ${what}`, {
    fix: "use lower-case letters, digits and -, in a Secret's name also dots, in a key also upper case and _",
  });
}
