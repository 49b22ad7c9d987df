import { Secret, type SecretParts } from "../../core/model/secret.ts";

/** A value that a person made: a JSON object of texts gives several parts, anything else the one part `value`. */
export function partsOfValue(value: Secret): SecretParts {
  const several = jsonTexts(value.reveal());
  if (several === undefined) return new Map([["value", value]]);
  return new Map(several.map(([name, text]) => [name, new Secret(text)]));
}

function jsonTexts(text: string): [string, string][] | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const entries = Object.entries(parsed);
    return entries.length > 0 &&
      entries.every((entry): entry is [string, string] => typeof entry[1] === "string")
      ? entries
      : undefined;
  } catch {
    return undefined;
  }
}
