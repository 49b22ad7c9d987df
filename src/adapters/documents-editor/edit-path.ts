import { CreError } from "../../core/model/errors.ts";

/** Keys of maps and positions of lists, from the document's root. */
export type EditPath = readonly (string | number)[];

const SEGMENT = /^(?:\[(\d{1,4})\]|\["([^"]+)"\]|([^.[\]]+))/;

/**
 * Reads `spec.access[0].until` or `metadata.labels["team.example/tier"]`. A part of digits only is a position where
 * there is a list (`spec.access.0` too). Throws a CreError that shows the place.
 */
export function parseEditPath(text: string): EditPath {
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== "") {
    const match = SEGMENT.exec(rest);
    if (match === null) throw invalidPath(text, text.length - rest.length);
    const [taken, position, quoted, plain] = match;
    if (position !== undefined) path.push(Number(position));
    else if (plain !== undefined && /^\d{1,4}$/.test(plain)) path.push(Number(plain));
    else path.push(quoted ?? plain ?? "");
    rest = rest.slice(taken.length);
    if (rest.startsWith(".") && rest.length > 1) rest = rest.slice(1);
    else if (rest !== "" && !rest.startsWith("[")) throw invalidPath(text, text.length - rest.length);
  }
  if (path.length === 0) throw invalidPath(text, 0);
  return path;
}

function invalidPath(text: string, at: number): CreError {
  return new CreError("path-invalid", `\`${text}\` is no path of a field (at character ${at + 1}).`, {
    fix: "Write it as `spec.rotatedAt`, `spec.access[0].until` or `metadata.labels.environment`.",
  });
}

export function pathText(path: EditPath): string {
  return path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      return /^[^.[\]]+$/.test(key) ? `.${key}` : `["${key}"]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** A copy of `tree` with `value` at `path`; what is missing on the way is made. */
export function withValue(tree: unknown, path: EditPath, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(tree)) {
    const copy: unknown[] = [...tree];
    copy[Number(key)] = withValue(copy[Number(key)], rest, value);
    return copy;
  }
  if (tree === null || typeof tree !== "object") {
    return typeof key === "number"
      ? [withValue(undefined, rest, value)]
      : { [key]: withValue(undefined, rest, value) };
  }
  // A non-null object that is no array, from parsed YAML.
  const map = tree as Record<string, unknown>;
  return { ...map, [key]: withValue(map[String(key)], rest, value) };
}
