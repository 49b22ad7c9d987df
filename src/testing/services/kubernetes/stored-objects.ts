import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  ApiProblem,
  alreadyExists,
  conflicts,
  modified,
  namespaceNotFound,
  notFound,
  type ObjectName,
} from "./api-problem.ts";
import { applied, isObject, type Json, managedFields, merged, type Owned, updated } from "./field-sets.ts";
import { checkSecret, storedSecret } from "./secret-rules.ts";

/** How a write is meant. */
export interface Writing {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  /** Asked before an apply makes what is not there. */
  readonly mayCreate: () => void;
}

/** The objects of a stand-in, with field ownership, versions and generations as the API keeps them. */
export class StoredObjects {
  readonly #namespaces = new Set<string>();
  readonly #objects = new Map<string, Owned>();
  #version = 100;

  addNamespace(name: string): void {
    this.#namespaces.add(name);
  }

  read(name: ObjectName): Json {
    return this.#shown(name, this.#existing(name));
  }

  /** All of the kind in the namespace, by name. */
  list(name: ObjectName): readonly Json[] {
    this.#needNamespace(name);
    const prefix = keyOf({ ...name, name: "" });
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, owned]) => this.#shown(name, owned));
  }

  create(name: ObjectName, body: Json, writing: Writing): Json {
    this.#needNamespace(name);
    if (this.#objects.has(keyOf(name))) throw alreadyExists(name);
    return this.#keep(
      name,
      undefined,
      updated(undefined, this.#complete(name, undefined, body), writing.manager, now()),
      writing,
    );
  }

  apply(name: ObjectName, body: Json, writing: Writing): Json {
    const before = this.#objects.get(keyOf(name));
    if (before === undefined) {
      writing.mayCreate();
      this.#needNamespace(name);
    }
    this.#checkBasis(name, before, body);
    const next = applied(before, body, writing.manager, writing.force, now());
    if (!("object" in next)) throw conflicts(next);
    return this.#keep(name, before, { ...next, object: this.#complete(name, before, next.object) }, writing);
  }

  merge(name: ObjectName, patch: Json, writing: Writing): Json {
    const before = this.#existing(name);
    this.#checkBasis(name, before, patch);
    const given = isObject(patch["metadata"]) ? patch["metadata"]["managedFields"] : undefined;
    // `as`: merging an object into an object.
    const object = this.#complete(name, before, merged(before.object, patch) as Json);
    const next = updated(before, object, writing.manager, now());
    const isCleared = isDeepStrictEqual(given, [{}]);
    return this.#keep(name, before, isCleared ? { object, owners: [] } : next, writing);
  }

  mergeStatus(name: ObjectName, patch: Json): Json {
    const before = this.#existing(name);
    const object = { ...before.object, status: merged(before.object["status"], patch["status"]) };
    return this.#save(name, { ...before, object });
  }

  remove(name: ObjectName, options: Json, dryRun: boolean): Json {
    const before = this.#existing(name);
    const { uid, resourceVersion } = isObject(options["preconditions"]) ? options["preconditions"] : {};
    const live = metadataOf(before.object);
    const named = { ...name, plural: name.kind, group: "" };
    if (uid !== undefined && uid !== live["uid"]) {
      throw modified(
        named,
        `the UID in the precondition (${textOf(uid)}) does not match the UID in record (${textOf(live["uid"])}). The object might have been deleted and then recreated`,
      );
    }
    if (resourceVersion !== undefined && resourceVersion !== live["resourceVersion"]) {
      throw modified(
        named,
        `the ResourceVersion in the precondition (${textOf(resourceVersion)}) does not match the ResourceVersion in record (${textOf(live["resourceVersion"])}). The object might have been modified`,
      );
    }
    if (!dryRun && Array.isArray(live["finalizers"])) {
      // Somebody has something to do before it may go.
      const metadata = { ...live, deletionTimestamp: now(), deletionGracePeriodSeconds: 0 };
      return this.#save(name, { ...before, object: { ...before.object, metadata } });
    }
    if (!dryRun) this.#objects.delete(keyOf(name));
    const details = {
      name: name.name,
      ...(name.group === "" ? {} : { group: name.group }),
      kind: name.plural,
      uid: live["uid"],
    };
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
  }

  #existing(name: ObjectName): Owned {
    const found = this.#objects.get(keyOf(name));
    if (found === undefined) throw notFound(name);
    return found;
  }

  #needNamespace({ namespace }: ObjectName): void {
    if (!this.#namespaces.has(namespace)) throw namespaceNotFound(namespace);
  }

  /** A write may name the version that it is about; an apply to nothing makes the object all the same. */
  #checkBasis(name: ObjectName, before: Owned | undefined, body: Json): void {
    const { resourceVersion } = metadataOf(body);
    const live = metadataOf(before?.object ?? {});
    if (
      before !== undefined &&
      resourceVersion !== undefined &&
      resourceVersion !== live["resourceVersion"]
    ) {
      throw modified(
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    }
  }

  /** The object with what the API fills in. */
  #complete(name: ObjectName, before: Owned | undefined, object: Json): Json {
    const given = metadataOf(object);
    if (given["name"] !== undefined && given["name"] !== name.name) {
      throw new ApiProblem(400, "BadRequest", "the name of the object does not match the name on the URL");
    }
    const live = metadataOf(before?.object ?? {});
    const { managedFields: _, ...rest } = given;
    const metadata: Json = {
      ...rest,
      name: name.name,
      namespace: name.namespace,
      uid: live["uid"] ?? randomUUID(),
      resourceVersion: live["resourceVersion"],
      creationTimestamp: live["creationTimestamp"] ?? now(),
      deletionTimestamp: live["deletionTimestamp"],
    };
    const apiVersion = name.group === "" ? "v1" : `${name.group}/v1`;
    const whole: Json = { ...object, apiVersion, kind: name.kind, metadata };
    if (name.kind !== "Secret") return completeWorkload(name, before, whole);
    const secret = storedSecret(whole);
    checkSecret(name, before?.object, secret);
    return secret;
  }

  #keep(name: ObjectName, before: Owned | undefined, next: Owned, { dryRun }: Writing): Json {
    const same = before !== undefined && isDeepStrictEqual(before, next);
    if (same || dryRun) return this.#shown(name, next);
    return this.#save(name, next);
  }

  #save(name: ObjectName, { object, owners }: Owned): Json {
    this.#version += 1;
    const metadata = { ...metadataOf(object), resourceVersion: String(this.#version) };
    const saved = { object: { ...object, metadata }, owners };
    this.#objects.set(keyOf(name), saved);
    return this.#shown(name, saved);
  }

  #shown({ group }: ObjectName, { object, owners }: Owned): Json {
    const fields = managedFields(owners, group === "" ? "v1" : `${group}/v1`);
    const metadata = { ...metadataOf(object), ...(fields.length === 0 ? {} : { managedFields: fields }) };
    // Without what is undefined, as it travels; `as`: an object again.
    return JSON.parse(JSON.stringify({ ...object, metadata })) as Json;
  }
}

function completeWorkload({ kind }: ObjectName, before: Owned | undefined, object: Json): Json {
  const spec: Json = { ...(isObject(object["spec"]) ? object["spec"] : {}) };
  if (kind !== "DaemonSet") spec["replicas"] ??= 1;
  if (kind !== "Deployment") spec["updateStrategy"] ??= { type: "RollingUpdate" };
  if (kind === "StatefulSet") spec["serviceName"] ??= "";
  const live = metadataOf(before?.object ?? {});
  const generation = typeof live["generation"] === "number" ? live["generation"] : 0;
  const same = before !== undefined && isDeepStrictEqual(before.object["spec"], spec);
  const metadata = { ...metadataOf(object), generation: same ? generation : generation + 1 };
  return { ...object, metadata, spec, status: before?.object["status"] ?? emptyStatus(kind) };
}

/** What the API's answers always have, also before a controller has been there. */
function emptyStatus(kind: string): Json {
  if (kind === "Deployment") return {};
  if (kind === "StatefulSet") return { replicas: 0 };
  return { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
}

function metadataOf(object: Json): Json {
  return isObject(object["metadata"]) ? object["metadata"] : {};
}

function keyOf({ plural, namespace, name }: ObjectName): string {
  return `${plural}/${namespace}/${name}`;
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
