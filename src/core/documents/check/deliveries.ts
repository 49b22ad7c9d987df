import { templateParts } from "../../delivery/render-values.ts";
import { nearest } from "../../text/nearest.ts";
import type { CredentialType } from "../common.ts";
import type { Credential, CredentialSpec } from "../credential.ts";
import { type DeliverEntry, deliverKind, PUSH_ONLY_KINDS } from "../deliver.ts";
import type { Sourced } from "../kinds.ts";
import { PROVIDER_PARTS, PROVIDER_TYPES, type ProviderKey, providerKey } from "../provider.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

const ENCODED = /\{[A-Za-z][A-Za-z0-9]*:([A-Za-z0-9]+)\}/g;

/** Where the new secret goes can work: consumers are known, templates can be filled, targets are allowed. */
export function checkDeliveries(input: CheckInput): readonly Fault[] {
  return [...input.documents.credentials.values()].flatMap((source) => {
    const { spec } = source.document;
    const parts = publishedParts(spec);
    const entries = spec.deliver ?? [];
    return [
      ...entries.flatMap((entry, at) => {
        const path = ["spec", "deliver", at];
        return [
          ...consumerFaults(source, entry, path),
          ...templateFaults(source, entry, path, parts),
          ...targetFaults(source, entry, path, input),
        ];
      }),
      ...pushFaults(source, entries),
    ];
  });
}

/** Parts that the credential's versions have; undefined: only its rotator knows. */
function publishedParts(spec: CredentialSpec): readonly string[] | undefined {
  if (spec.provider !== undefined && spec.method === "automated")
    return PROVIDER_PARTS[providerKey(spec.provider)];
  return ["value", ...partsOfType(spec.type)];
}

/** A person gives one value, or several by the names that the type's providers use. */
function partsOfType(type: CredentialType): readonly string[] {
  const providers = Object.keys(PROVIDER_TYPES) as ProviderKey[];
  const fitting = providers.filter((key) => (PROVIDER_TYPES[key] as readonly string[]).includes(type));
  return [...new Set(fitting.flatMap((key) => PROVIDER_PARTS[key] ?? []))];
}

function consumerFaults(source: Sourced<Credential>, entry: DeliverEntry, path: FieldPath): Fault[] {
  if (entry.consumer === undefined) return [];
  const principals = (source.document.spec.access ?? []).map(({ principal }) => principal);
  if (principals.includes(entry.consumer)) return [];
  const near = nearest(entry.consumer, principals);
  return [
    {
      source,
      path: [...path, "consumer"],
      code: "consumer-without-access",
      message: `the consumer ${shown(entry.consumer)} is no principal of \`access\``,
      fix:
        near === undefined
          ? "add it to `spec.access`: who receives the secret can use it"
          : `did you mean \`${near}\`?`,
    },
  ];
}

function templateFaults(
  source: Sourced<Credential>,
  entry: DeliverEntry,
  path: FieldPath,
  parts: readonly string[] | undefined,
): Fault[] {
  const kind = deliverKind(entry);
  const delivery = entry[kind];
  const values = delivery !== undefined && "values" in delivery ? (delivery.values ?? {}) : {};
  return Object.entries(values).flatMap(([key, template]) => {
    const at = [...path, kind, "values", key];
    const unknown =
      parts === undefined ? [] : templateParts(template).filter((part) => !parts.includes(part));
    const encodings = [...template.matchAll(ENCODED)]
      .map((match) => match[1] ?? "")
      .filter((name) => name !== "uri");
    return [
      ...unknown.map((part): Fault => {
        const near = nearest(part, parts ?? []);
        return {
          source,
          path: at,
          code: "template-part-unknown",
          message: `the template uses {${part}}, which this credential does not publish`,
          fix:
            near === undefined
              ? `use ${(parts ?? []).map((one) => `{${one}}`).join(" ")}`
              : `did you mean {${near}}?`,
        };
      }),
      ...encodings.map((encoding): Fault => {
        const message = `the template asks for the encoding ${shown(encoding)}, and there is only \`uri\``;
        return {
          source,
          path: at,
          code: "template-encoding-unknown",
          message,
          fix: "write {part} or {part:uri}",
        };
      }),
    ];
  });
}

function targetFaults(
  source: Sourced<Credential>,
  entry: DeliverEntry,
  path: FieldPath,
  input: CheckInput,
): Fault[] {
  // Invalid settings may allow what is named here: what is wrong with them is said at their own place.
  if (input.documents.settings === undefined && input.isInvalid("Settings", "settings")) return [];
  const settings = input.documents.settings?.document.spec;
  if (entry["env-file"] !== undefined) {
    const allowed = settings?.paths ?? [];
    if (allowed.some((folder) => isBelow(entry["env-file"]?.path ?? "", folder))) return [];
    return [
      {
        source,
        path: [...path, "env-file", "path"],
        code: "path-not-allowed",
        message: `the path is not below any of \`Settings.paths\`${allowed.length === 0 ? ", which are none" : ""}`,
        fix:
          allowed.length === 0
            ? "ask the security team to add the folder to `paths`"
            : `use a path below ${allowed.join(" or ")}, without \`..\``,
      },
    ];
  }
  if (entry.command === undefined) return [];
  const commands = Object.keys(settings?.commands ?? {});
  if (commands.includes(entry.command.run)) return [];
  const near = nearest(entry.command.run, commands);
  return [
    {
      source,
      path: [...path, "command", "run"],
      code: "command-unknown",
      message: `${shown(entry.command.run)} is none of \`Settings.commands\``,
      fix: near === undefined ? "ask the security team to add it to `commands`" : `did you mean \`${near}\`?`,
    },
  ];
}

/** Whether an absolute path is really inside a folder, as written: no `..`, no empty steps, no control characters. */
export function isBelow(path: string, folder: string): boolean {
  const steps = path.split("/").slice(1);
  if (!path.startsWith("/") || steps.some((step) => step === "" || step === "." || step === ".."))
    return false;
  if (/\p{Cc}/u.test(path)) return false;
  return path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function pushFaults(source: Sourced<Credential>, entries: readonly DeliverEntry[]): Fault[] {
  const pushing = entries.flatMap((entry, at) =>
    PUSH_ONLY_KINDS.includes(deliverKind(entry)) ? [{ at, kind: deliverKind(entry) }] : [],
  );
  return pushing.slice(1).map(({ at, kind }) => ({
    source,
    path: ["spec", "deliver", at, kind],
    at: "key",
    code: "second-push",
    message: `${kind} can only push, and ${pushing[0]?.kind ?? "another"} before it, too: a second push could fail after the first`,
    fix: "keep one delivery that can only push; let the others read from a target that stages",
  }));
}
