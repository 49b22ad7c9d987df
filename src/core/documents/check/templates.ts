import { templateParts } from "../../delivery/render-values.ts";
import type { CredentialType } from "../common.ts";
import type { Credential, CredentialSpec } from "../credential.ts";
import { deliverKind } from "../deliver.ts";
import type { Sourced } from "../kinds.ts";
import { PEM_PARTS, PROVIDER_PARTS, PROVIDER_TYPES, type ProviderKey, providerKey } from "../provider.ts";
import { applyRules } from "./apply-rules.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

/** Parts that a template uses as they are. */
const PLAIN = /\{([A-Za-z][A-Za-z0-9]*)\}/g;
const ENCODED = /\{[A-Za-z][A-Za-z0-9]*:([A-Za-z0-9]+)\}/g;

/** Every template of a delivery can be filled with what the credential's versions have. */
export function checkTemplates(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [templateFaults, lineFaults]);
}

function templateFaults(source: Sourced<Credential>): Fault[] {
  const { spec } = source.document;
  const parts = publishedParts(spec);
  return (spec.deliver ?? []).flatMap((entry, at) => {
    const kind = deliverKind(entry);
    const delivery = entry[kind];
    const values = delivery !== undefined && "values" in delivery ? (delivery.values ?? {}) : {};
    return Object.entries(values).flatMap(([key, template]) => {
      const path = ["spec", "deliver", at, kind, "values", key];
      return partFaults(source, path, template, parts).concat(encodingFaults(source, path, template));
    });
  });
}

/** A variable of an env file is one line, and a key in PEM has many: told here, before one is made in vain. */
function lineFaults(source: Sourced<Credential>): Fault[] {
  const { type, deliver = [] } = source.document.spec;
  if (type !== "tls-certificate" && type !== "ssh-key") return [];
  return deliver.flatMap((entry, at) =>
    Object.entries(entry["env-file"]?.values ?? {}).flatMap(([key, template]) => {
      const plain = [...template.matchAll(PLAIN)].map((match) => match[1] ?? "");
      return [...new Set(plain)]
        .filter((part) => PEM_PARTS.includes(part))
        .map((part) => ({
          source,
          path: ["spec", "deliver", at, "env-file", "values", key],
          code: "template-many-lines",
          message: `the part ${shown(part)} has many lines, and a variable of an env file has one`,
          fix: `write {${part}:uri}, which the consumer decodes, or deliver it in another way`,
        }));
    }),
  );
}

/** Parts that the credential's versions have; undefined: only its rotator knows. */
function publishedParts(spec: CredentialSpec): readonly string[] | undefined {
  if (spec.provider === undefined || spec.method !== "automated") return ["value", ...partsOfType(spec.type)];
  return PROVIDER_PARTS[providerKey(spec.provider)];
}

/** A person gives one value, or several by the names that the type's providers use. */
function partsOfType(type: CredentialType): readonly string[] {
  const providers = Object.keys(PROVIDER_TYPES) as ProviderKey[];
  const fitting = providers.filter((key) => (PROVIDER_TYPES[key] as readonly string[]).includes(type));
  return [...new Set(fitting.flatMap((key) => PROVIDER_PARTS[key] ?? []))];
}

function partFaults(
  source: Sourced,
  path: FieldPath,
  template: string,
  parts: readonly string[] | undefined,
): Fault[] {
  if (parts === undefined) return [];
  const unknown = templateParts(template).filter((part) => !parts.includes(part));
  return unknown.map((part) => ({
    source,
    path,
    code: "template-part-unknown",
    message: `the template uses the part ${shown(part)}, which this credential does not publish`,
    fix: didYouMean(part, parts, `use ${parts.map((one) => `{${one}}`).join(" ")}`),
  }));
}

function encodingFaults(source: Sourced, path: FieldPath, template: string): Fault[] {
  const encodings = [...template.matchAll(ENCODED)].map((match) => match[1] ?? "");
  return encodings
    .filter((encoding) => encoding !== "uri")
    .map((encoding) => ({
      source,
      path,
      code: "template-encoding-unknown",
      message: `the template asks for the encoding ${shown(encoding)}, and there is only \`uri\``,
      fix: "write {part} or {part:uri}",
    }));
}
