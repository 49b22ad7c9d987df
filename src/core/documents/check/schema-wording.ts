import { DATE_PATTERN, DURATION_PATTERN, NAME_PATTERN } from "../common.ts";
import { DAY_TO_FILL } from "../day-to-fill.ts";

/** The keys of which exactly one must be there, from the `oneOf` that says so. */
export function keysOfUnion(schema: unknown): readonly string[] {
  if (!Array.isArray(schema)) return [];
  return schema.flatMap((branch: { required?: readonly string[] }) => branch.required ?? []);
}

/** What people are told when a text has not the form that its field asks for. */
export function patternWording(
  name: string,
  schema: Readonly<Record<string, unknown>>,
  value: string,
): { readonly code: string; readonly message: string; readonly fix: string } {
  switch (schema["pattern"]) {
    case NAME_PATTERN:
      return {
        code: "name-invalid",
        message: `${name} is ${value}, which is no name`,
        fix: "use lower-case letters, digits and dashes, at most 63, the first a letter or digit",
      };
    case DATE_PATTERN:
      if (value.includes(DAY_TO_FILL)) {
        return {
          code: "date-to-fill",
          message: `${name} still waits for a day`,
          fix: `write the day of the rotation in place of ${DAY_TO_FILL}, such as 2026-11-23`,
        };
      }
      return {
        code: "date-invalid",
        message: `${name} is ${value}, which is no date`,
        fix: "write YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ in UTC",
      };
    case DURATION_PATTERN:
      return {
        code: "duration-invalid",
        message: `${name} is ${value}, which is no duration`,
        fix: "write a whole number and one of s m h d w, such as 90d",
      };
    default:
      return {
        code: "form-invalid",
        message: `${name} is ${value}, which has not the form it needs`,
        fix:
          typeof schema["description"] === "string"
            ? schema["description"]
            : `it must match ${String(schema["pattern"])}`,
      };
  }
}

/** For each key of a schema, the fields it may stand in: where a misplaced key belongs. */
export function homesOfKeys(schema: unknown): ReadonlyMap<string, readonly string[]> {
  const homes = new Map<string, string[]>();
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties, items } = node as { properties?: Record<string, unknown>; items?: unknown };
    for (const [key, inner] of Object.entries(properties ?? {})) {
      if (path !== "") homes.set(key, [...(homes.get(key) ?? []), path]);
      visit(inner, path === "" ? key : `${path}.${key}`);
    }
    if (items !== undefined) visit(items, `${path}[]`);
  };
  visit(schema, "");
  return homes;
}
