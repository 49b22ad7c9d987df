import { CreError } from "../model/errors.ts";
import { Secret, type SecretParts } from "../model/secret.ts";

const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9]*)(?::([A-Za-z0-9]+))?\}/g;
/** What encodeURIComponent leaves alone although RFC 3986 section 2.2 reserves it. */
const RESERVED_LEFT = /[!'()*]/g;

/** Names of the parts that a template uses, each once, in order. Braces around anything else are plain text. */
export function templateParts(template: string): readonly string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ""))];
}

/**
 * Fills `{part}` and, percent-encoded for a URL component (RFC 3986), `{part:uri}`. Values are put in as they are and
 * never read as templates themselves. Rejects a part that this version does not publish and an unknown encoding with
 * a CreError that quotes the template, never a value.
 */
export function renderValue(template: string, parts: SecretParts): Secret {
  const text = template.replaceAll(PLACEHOLDER, (placeholder, name: string, encoding: string | undefined) => {
    const part = parts.get(name);
    if (part === undefined) throw unknownPart(template, placeholder, parts);
    if (encoding === undefined) return part.reveal();
    if (encoding !== "uri") {
      throw new CreError(
        "template-encoding-unknown",
        `the template ${quoted(template)} asks for the encoding "${encoding}"`,
        {
          fix: `write {${name}} or {${name}:uri}`,
        },
      );
    }
    return percentEncoded(name, part);
  });
  return new Secret(text);
}

/** Renders every template of a `values` map; all or nothing. */
export function renderValues(
  values: Readonly<Record<string, string>>,
  parts: SecretParts,
): ReadonlyMap<string, Secret> {
  return new Map(Object.entries(values).map(([key, template]) => [key, renderValue(template, parts)]));
}

/** All templates; of an unfinished version those alone that need no other parts than these. */
export function renderable(
  values: Readonly<Record<string, string>>,
  parts: SecretParts,
  unfinished = false,
): Readonly<Record<string, string>> {
  if (!unfinished) return values;
  return Object.fromEntries(
    Object.entries(values).filter(([, template]) => templateParts(template).every((part) => parts.has(part))),
  );
}

/** The templates of a map that are not among `done`. */
export function remaining(
  values: Readonly<Record<string, string>>,
  done: { has(key: string): boolean },
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !done.has(key)));
}

function percentEncoded(name: string, part: Secret): string {
  const text = part.reveal();
  if (!text.isWellFormed()) {
    throw new CreError(
      "template-part-malformed",
      `the part "${name}" is not well-formed Unicode, so it has no percent-encoding`,
    );
  }
  return encodeURIComponent(text).replaceAll(
    RESERVED_LEFT,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function unknownPart(template: string, placeholder: string, parts: SecretParts): CreError {
  const known = [...parts.keys()].toSorted().map((name) => `{${name}}`);
  return new CreError(
    "template-part-unknown",
    `the template ${quoted(template)} uses ${placeholder}, which this credential does not publish`,
    {
      fix: known.length === 0 ? "this credential publishes no parts" : `use one of ${known.join(", ")}`,
    },
  );
}

function quoted(template: string): string {
  return JSON.stringify(template);
}
