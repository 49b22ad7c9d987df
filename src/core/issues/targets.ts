import { type DeliverEntry, deliverKind } from "../documents/deliver.ts";
import { markdownText } from "../text/encode/markdown.ts";

/** Where a new secret has to go, each place as a person would name it. */
export function targetTexts(entries: readonly DeliverEntry[]): readonly string[] {
  return entries.map((entry) => {
    const kind = deliverKind(entry);
    const consumer = entry.consumer === undefined ? "" : ` for ${entry.consumer}`;
    return markdownText(`${kind} ${placeOf(entry)}${consumer}`, 300);
  });
}

function placeOf(entry: DeliverEntry): string {
  const secret = entry["kubernetes-secret"];
  if (secret !== undefined) return `${secret.namespace}/${secret.name}`;
  const github = entry["github-secret"];
  if (github !== undefined) return github.repository ?? github.organisation ?? github.connection;
  const parameters = entry["aws-ssm"];
  if (parameters !== undefined) return Object.keys(parameters.values).join(", ");
  return (
    entry["aws-secrets-manager"]?.secretId ??
    entry["aws-acm"]?.certificateArn ??
    entry["env-file"]?.path ??
    entry.command?.run ??
    entry.webhook?.connection ??
    ""
  );
}
