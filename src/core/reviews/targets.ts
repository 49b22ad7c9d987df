import { connectionUses } from "../documents/check/connection-uses.ts";
import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import { storedSecretsIn, storeOf } from "../documents/stored-secret.ts";
import type { Sha256 } from "../ports/runtime.ts";
import { digestOf } from "./digest.ts";
import type { DocumentPart } from "./document-part.ts";

/** A part of the documents that says where secrets come from or go to. */
export interface Target {
  /** `Credential NAME`, `Connection NAME` or `Command NAME`. */
  readonly key: string;
  readonly digest: string;
  readonly part: DocumentPart;
}

export const credentialKey = (name: string): string => `Credential ${name}`;
const connectionKey = (name: string): string => `Connection ${name}`;
const commandKey = (name: string): string => `Command ${name}`;

/** Every target that these documents describe, by its key. */
export function targetsOf(documents: Documents, sha256: Sha256): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  const add = (key: string, content: object, part: DocumentPart): void => {
    targets.set(key, { key, digest: digestOf(content, sha256), part });
  };
  for (const [name, { document, file }] of documents.credentials) {
    if (!hasTarget(document)) continue;
    const fields = [
      ["spec", "provider"],
      ["spec", "deliver"],
    ];
    const digest = sha256(
      [document.spec.provider, document.spec.deliver]
        .map((part) => (part === undefined ? "" : digestOf(part, sha256)))
        .join(" "),
    );
    const key = credentialKey(name);
    targets.set(key, { key, digest, part: { kind: "Credential", name, file, fields } });
  }
  for (const [name, { document, file }] of documents.connections) {
    add(connectionKey(name), document.spec, { kind: "Connection", name, file, fields: [["spec"]] });
  }
  const { settings } = documents;
  for (const [name, command] of Object.entries(settings?.document.spec.commands ?? {})) {
    add(commandKey(name), command, {
      kind: "Settings",
      name: settings?.document.metadata.name ?? "",
      file: settings?.file ?? "",
      fields: [["spec", "commands", name]],
    });
  }
  return targets;
}

/** Whether secrets of it come from or go anywhere by the runner's hand. */
export function hasTarget({ spec }: Credential): boolean {
  return spec.provider !== undefined || spec.deliver !== undefined;
}

/** Keys of all targets that a credential's rotation touches: its own first, then the shared ones it uses. */
export function keysOf(credential: Credential, documents: Documents): readonly string[] {
  if (!hasTarget(credential)) return [];
  return [credentialKey(credential.metadata.name), ...sharedKeysOf(credential, documents)];
}

/** Keys of the connections that it uses, with those that theirs take secrets from, and of the commands that it runs. */
export function sharedKeysOf({ spec }: Credential, documents: Documents): readonly string[] {
  const connections = new Set<string>();
  const reach = (name: string): void => {
    if (connections.has(name)) return;
    connections.add(name);
    const secrets = storedSecretsIn(documents.connections.get(name)?.document.spec);
    for (const { reference } of secrets) reach(storeOf(reference));
  };
  for (const { name } of connectionUses(spec)) reach(name);
  const challenge = spec.provider?.acme?.challenge;
  const commands = [
    challenge?.["http-01"]?.command,
    challenge?.["dns-01"]?.command,
    ...(spec.deliver ?? []).map(({ command }) => command?.run),
  ].filter((name) => name !== undefined);
  return [...[...connections].map(connectionKey), ...new Set(commands.map(commandKey))];
}
