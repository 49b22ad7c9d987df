import { isDeepStrictEqual } from "node:util";

export type Json = Record<string, unknown>;

/** One entry of `managedFields`; a path is the JSON text of its segments. */
export interface Ownership {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly time: string;
  readonly paths: ReadonlySet<string>;
}

export interface Owned {
  readonly object: Json;
  readonly owners: readonly Ownership[];
}

export interface FieldConflict {
  readonly manager: string;
  readonly field: string;
}

/** Whom the API names for what was there before it kept ownership, or since somebody cleared it. */
const BEFORE = "before-first-apply";
/** Set by the API itself, owned by nobody. */
const UNOWNED: Readonly<Record<string, ReadonlySet<string>>> = {
  "": new Set(["apiVersion", "kind", "status"]),
  metadata: new Set(
    "name namespace uid resourceVersion generation creationTimestamp managedFields deletionTimestamp".split(
      " ",
    ),
  ),
};

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of an object with their values. Lists are one field each, which is enough for what tests write. */
function leaves(object: Json): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (!isObject(value) || Object.keys(value).length === 0) {
      if (path.length > 0) found.set(JSON.stringify(path), value);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      if (UNOWNED[path.join(".")]?.has(key) !== true) walk(inner, [...path, key]);
    }
  };
  walk(object, []);
  return found;
}

/** Server-side apply: conflicts instead of a result where others own what would change, unless `force`. */
export function applied(
  before: Owned | undefined,
  wanted: Json,
  manager: string,
  force: boolean,
  time: string,
): Owned | readonly FieldConflict[] {
  const live = before === undefined ? new Map<string, unknown>() : leaves(before.object);
  const owners =
    before !== undefined && before.owners.length === 0
      ? [{ manager: BEFORE, operation: "Update" as const, time, paths: new Set(live.keys()) }]
      : (before?.owners ?? []);
  const mine = owners.find((owner) => owner.manager === manager && owner.operation === "Apply");
  const others = owners.filter((owner) => owner !== mine);
  const named = leaves(wanted);
  const changed = [...named].flatMap(([path, value]) =>
    isDeepStrictEqual(live.get(path), value) ? [] : [path],
  );
  const found = others.flatMap(({ manager: other, paths }) =>
    changed.filter((path) => paths.has(path)).map((path) => ({ manager: other, field: fieldText(path) })),
  );
  if (found.length > 0 && !force) return found;

  const object: Json = structuredClone(before?.object ?? wanted);
  for (const [path, value] of named) setAt(object, segments(path), value);
  const given = [...(mine?.paths ?? [])].filter((path) => !named.has(path));
  for (const path of given) {
    if (!others.some(({ paths }) => paths.has(path))) removeAt(object, segments(path));
  }
  const paths = new Set(named.keys());
  const same = mine !== undefined && isDeepStrictEqual(mine.paths, paths);
  return {
    object,
    owners: [
      { manager, operation: "Apply", time: same ? mine.time : time, paths },
      ...without(others, changed),
    ],
  };
}

/** Any other write: whoever changes a field owns it alone. */
export function updated(before: Owned | undefined, object: Json, manager: string, time: string): Owned {
  // Nobody is tracked until somebody applies.
  if (before !== undefined && before.owners.length === 0) return { object, owners: [] };
  const live = before === undefined ? new Map<string, unknown>() : leaves(before.object);
  const next = leaves(object);
  const changed = [...next].flatMap(([path, value]) =>
    isDeepStrictEqual(live.get(path), value) ? [] : [path],
  );
  const removed = [...live.keys()].filter((path) => !next.has(path));
  const rest = without(before?.owners ?? [], [...changed, ...removed]);
  if (changed.length === 0) return { object, owners: rest };
  const isMine = (owner: Ownership) => owner.manager === manager && owner.operation === "Update";
  const paths = new Set([...(rest.find(isMine)?.paths ?? []), ...changed]);
  return {
    object,
    owners: [...rest.filter((owner) => !isMine(owner)), { manager, operation: "Update", time, paths }],
  };
}

function without(owners: readonly Ownership[], lost: readonly string[]): readonly Ownership[] {
  return owners
    .map((owner) => ({ ...owner, paths: new Set([...owner.paths].filter((path) => !lost.includes(path))) }))
    .filter(({ paths }) => paths.size > 0);
}

/** Ownership as it stands in `metadata.managedFields`. */
export function managedFields(owners: readonly Ownership[], apiVersion: string): readonly Json[] {
  return owners.map(({ manager, operation, time, paths }) => {
    const fieldsV1: Json = {};
    for (const path of paths) {
      setAt(
        fieldsV1,
        segments(path).map((segment) => `f:${segment}`),
        {},
      );
    }
    return { manager, operation, apiVersion, time, fieldsType: "FieldsV1", fieldsV1 };
  });
}

/** RFC 7386; for the maps that tests write, a strategic merge is the same. */
export function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return structuredClone(patch);
  const result: Json = isObject(target) ? structuredClone(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

function segments(path: string): readonly string[] {
  // `as`: what `leaves` wrote.
  return JSON.parse(path) as string[];
}

function fieldText(path: string): string {
  return segments(path)
    .map((segment) => `.${segment}`)
    .join("");
}

function setAt(object: Json, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    object[first] = value;
    return;
  }
  const inner = object[first];
  const next: Json = isObject(inner) ? inner : {};
  object[first] = next;
  setAt(next, rest, value);
}

function removeAt(object: Json, path: readonly string[]): void {
  const [first = "", ...rest] = path;
  const inner = object[first];
  if (rest.length === 0) {
    delete object[first];
    return;
  }
  if (!isObject(inner)) return;
  removeAt(inner, rest);
  if (Object.keys(inner).length === 0) delete object[first];
}
