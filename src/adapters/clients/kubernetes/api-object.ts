import { Secret } from "../../../core/model/secret.ts";
import type { ApiAnswer } from "./api-client.ts";

type Json = Readonly<Record<string, unknown>>;

/** Who last wrote which of a Secret's fields, as the API keeps it. */
export interface FieldManager {
  readonly name: string;
  readonly operation: string;
  readonly time: string | undefined;
  /** Keys of `data` (and of `stringData`, by which one can apply, too). */
  readonly keys: ReadonlySet<string>;
  readonly annotations: ReadonlySet<string>;
}

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly isController: boolean;
}

/** A Secret of the API. Where only the metadata was asked for, `data` is empty. */
export interface SecretObject {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly annotations: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly type: string | undefined;
  readonly isImmutable: boolean;
  readonly isBeingDeleted: boolean;
  readonly owners: readonly OwnerReference[];
  readonly managers: readonly FieldManager[];
  /** Values in base64, as they travel. */
  readonly data: ReadonlyMap<string, Secret>;
}

/** The Secret that an answer holds, or undefined when it holds another thing, or a Secret of another name. */
export function secretIn({ body }: ApiAnswer, name: string): SecretObject | undefined {
  const kind = body["kind"];
  const metadata = objectOf(body["metadata"]);
  if ((kind !== "Secret" && kind !== "PartialObjectMetadata") || metadata["name"] !== name) return undefined;
  const uid = textOf(metadata["uid"]);
  if (uid === undefined) return undefined;
  return {
    name,
    uid,
    // One that was only tried to be made has none.
    resourceVersion: textOf(metadata["resourceVersion"]) ?? "",
    annotations: textsOf(metadata["annotations"]),
    labels: textsOf(metadata["labels"]),
    type: textOf(body["type"]),
    isImmutable: body["immutable"] === true,
    isBeingDeleted: metadata["deletionTimestamp"] !== undefined,
    owners: listOf(metadata["ownerReferences"]).map((owner) => {
      return {
        kind: textOf(owner["kind"]) ?? "",
        name: textOf(owner["name"]) ?? "",
        isController: owner["controller"] === true,
      };
    }),
    managers: listOf(metadata["managedFields"]).map(managerOf),
    data: new Map([...textsOf(body["data"])].map(([key, value]) => [key, new Secret(value)])),
  };
}

function managerOf(entry: Json): FieldManager {
  const fields = objectOf(entry["fieldsV1"]);
  const annotations = objectOf(objectOf(fields["f:metadata"])["f:annotations"]);
  return {
    name: textOf(entry["manager"]) ?? "",
    operation: textOf(entry["operation"]) ?? "",
    time: textOf(entry["time"]),
    keys: new Set([
      ...fieldNames(objectOf(fields["f:data"])),
      ...fieldNames(objectOf(fields["f:stringData"])),
    ]),
    annotations: new Set(fieldNames(annotations)),
  };
}

function fieldNames(set: Json): readonly string[] {
  return Object.keys(set).flatMap((name) => (name.startsWith("f:") ? [name.slice(2)] : []));
}

/** An object of a JSON value; an empty one for anything else. */
export function objectOf(value: unknown): Json {
  // `as`: a JSON value that is neither null nor a list nor a scalar.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

function textsOf(value: unknown): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(objectOf(value)).flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : [])),
  );
}
