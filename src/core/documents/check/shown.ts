import { looksSecret } from "./secret-looking.ts";

/**
 * A value of a document as a message may quote it: short words in double quotes, everything else only by its shape,
 * since people put secrets into wrong fields.
 */
export function shown(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return "nothing";
  if (value === "") return "an empty text";
  if (value.length > 64 || !/^[\w .,:/@#*{}[\]+-]+$/.test(value) || looksSecret(value)) {
    return `a text of ${value.length} characters`;
  }
  return `"${value}"`;
}
