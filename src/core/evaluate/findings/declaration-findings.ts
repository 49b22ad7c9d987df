import { instantIn } from "../credential-facts.ts";
import type { Draft, Examined } from "./examined.ts";

/** Fields that a matching policy wants present and not empty. */
export function requirementFindings({ source, duties, retired }: Examined): readonly Draft[] {
  if (retired) return [];
  return duties.flatMap(({ policy: { metadata, spec } }) =>
    [...new Set(spec.require ?? [])]
      .filter((path) => isMissing(source.document.spec, path))
      .map(
        (field): Draft => ({
          code: "required-field",
          level: "warning",
          policy: metadata.name,
          discriminator: field,
          facts: { field },
        }),
      ),
  );
}

function isMissing(spec: unknown, path: string): boolean {
  let value = spec;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return true;
    value = Reflect.get(value, key);
  }
  return isEmpty(value, path);
}

function isEmpty(value: unknown, path: string): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  // `access: []` says "nobody", which is an answer.
  if (Array.isArray(value)) return value.length === 0 && path !== "access";
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** What people declared wrongly, or did not declare. */
export function declarationFindings({ source, retired, circumstances }: Examined): readonly Draft[] {
  const { spec } = source.document;
  const { now } = circumstances.input;
  const found: Draft[] = [];
  if (spec.access === undefined && !retired) found.push({ code: "access-undeclared", level: "warning" });
  const createdAt = instantIn(spec.createdAt);
  const rotatedAt = spec.rotatedAt === undefined ? undefined : instantIn(spec.rotatedAt);
  if (rotatedAt !== undefined && rotatedAt < createdAt) {
    found.push({
      code: "backdated",
      level: "warning",
      discriminator: "before-creation",
      facts: { rotatedAt, createdAt },
    });
  }
  for (const [field, instant] of [
    ["createdAt", createdAt],
    ["rotatedAt", rotatedAt],
  ] as const) {
    if (instant === undefined || instant <= now) continue;
    found.push({ code: "backdated", level: "warning", discriminator: field, facts: { field, instant, now } });
  }
  return found;
}
