import { Secret } from "../../../core/model/secret.ts";

/** JSON.rawJSON and the source text that revivers get (ECMAScript 2026), which the library's types lack still. */
interface JsonWithSource {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(source: string): unknown;
}

/**
 * The text of the current version with our keys in it; keys of others stay as they are and where they are, numbers
 * digit by digit. Undefined if the text is no JSON object.
 */
export function withKeys(current: Secret, ours: ReadonlyMap<string, Secret>): Secret | undefined {
  const members = membersOf(current.reveal());
  if (members === undefined) return undefined;
  for (const [key, value] of ours) members.set(key, value.reveal());
  return new Secret(JSON.stringify(Object.fromEntries(members)));
}

/** Whether keys can be put beside those that are there. */
export function isJsonObject(secret: Secret): boolean {
  return membersOf(secret.reveal()) !== undefined;
}

export function byteLength(secret: Secret): number {
  return Buffer.byteLength(secret.reveal());
}

function membersOf(text: string): Map<string, unknown> | undefined {
  // `as`: Node has had both since version 21.
  const json = JSON as unknown as JsonWithSource;
  try {
    const value = json.parse(text, (_, part, { source }) =>
      typeof part === "number" && source !== undefined ? json.rawJSON(source) : part,
    );
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    // A number alone is an object now, too.
    return text.trimStart().startsWith("{") ? new Map(Object.entries(value)) : undefined;
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}
