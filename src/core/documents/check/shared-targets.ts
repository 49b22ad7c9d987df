import type { Connection } from "../connection.ts";
import type { Credential } from "../credential.ts";
import type { DeliverEntry } from "../deliver.ts";
import type { Sourced } from "../kinds.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";
import { placeText, storedPlace } from "./stored-secrets.ts";

type Connections = ReadonlyMap<string, Sourced<Connection>>;

interface Target {
  /** Equal for two entries that would write the same thing. */
  readonly place: string;
  readonly path: FieldPath;
  /** For people. */
  readonly name: string;
}

/**
 * Each secret, parameter, file and key of a target is written by one entry only: two would take each other's value, and
 * each would find the other's in what the target holds.
 */
export function checkSharedTargets({ documents }: CheckInput): readonly Fault[] {
  const taken = new Map<string, { readonly source: Sourced<Credential>; readonly entry: DeliverEntry }>();
  return [...documents.credentials.values()].flatMap((source) =>
    (source.document.spec.deliver ?? []).flatMap((entry, at) =>
      targetsOf(entry, ["spec", "deliver", at], documents.connections).flatMap((target): Fault[] => {
        const first = taken.get(target.place);
        if (first === undefined) {
          taken.set(target.place, { source, entry });
          return [];
        }
        if (first.entry === entry) return [];
        const { file, line, document } = first.source;
        const whose =
          first.source === source
            ? "an entry before it"
            : `the credential ${shown(document.metadata.name)} (${file}:${line})`;
        return [
          {
            source,
            path: target.path,
            code: "target-shared",
            message: `${shown(target.name)} is already written by ${whose}`,
            fix: "give each entry a target of its own, or put all values into one entry",
          },
        ];
      }),
    ),
  );
}

function targetsOf(entry: DeliverEntry, base: FieldPath, connections: Connections): readonly Target[] {
  const secret = entry["aws-secrets-manager"];
  if (secret !== undefined) {
    const place = placeText(storedPlace({ "aws-secrets-manager": secret }, connections));
    return [{ place, path: [...base, "aws-secrets-manager", "secretId"], name: secret.secretId }];
  }
  const parameters = entry["aws-ssm"];
  if (parameters !== undefined) {
    return Object.keys(parameters.values).map((name) => ({
      place: placeText(storedPlace({ "aws-ssm": { connection: parameters.connection, name } }, connections)),
      path: [...base, "aws-ssm", "values", name],
      name,
    }));
  }
  const certificate = entry["aws-acm"];
  if (certificate !== undefined) {
    const { certificateArn: arn } = certificate;
    return [{ place: `aws-acm ${arn}`, path: [...base, "aws-acm", "certificateArn"], name: arn }];
  }
  const kubernetes = entry["kubernetes-secret"];
  if (kubernetes !== undefined) {
    const { connection, namespace, name } = kubernetes;
    const server = connections.get(connection)?.document.spec.kubernetes?.server ?? connection;
    const place = `kubernetes-secret ${server} ${namespace}/${name}`;
    return [{ place, path: [...base, "kubernetes-secret", "name"], name: `${namespace}/${name}` }];
  }
  const github = entry["github-secret"];
  if (github !== undefined) {
    const { scope, repository = "", organisation = "", environment = "", connection } = github;
    const url = connections.get(connection)?.document.spec.github?.url ?? "";
    const where = `${url} ${scope} ${repository.toLowerCase()}${organisation.toLowerCase()} ${environment.toLowerCase()}`;
    return Object.keys(github.values).map((name) => ({
      place: `github-secret ${where} ${name.toUpperCase()}`,
      path: [...base, "github-secret", "values", name],
      name,
    }));
  }
  const file = entry["env-file"];
  return Object.keys(file?.values ?? {}).map((name) => ({
    place: `env-file ${file?.path} ${name}`,
    path: [...base, "env-file", "values", name],
    name,
  }));
}
