import { CONNECTION_KINDS, type Connection } from "../connection.ts";
import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { type StoredSecret, storedSecretsIn, storeOf } from "../stored-secret.ts";
import { applyRules } from "./apply-rules.ts";
import { connectionUses } from "./connection-uses.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

type Connections = ReadonlyMap<string, Sourced<Connection>>;

/** Secrets of connections that lie in a store can be read there, and no credential replaces the login it works with. */
export function checkStoredSecrets(input: CheckInput): readonly Fault[] {
  return [
    ...applyRules(input.documents.connections.values(), input, [storeFaults]),
    ...applyRules(input.documents.credentials.values(), input, [ownLoginFaults]),
  ];
}

function storeFaults(source: Sourced<Connection>, input: CheckInput): Fault[] {
  return storedSecretsIn(source.document.spec).flatMap(({ reference, path }): Fault[] => {
    const name = storeOf(reference);
    const at: FieldPath = ["spec", ...path, kindOf(reference), "connection"];
    const target = input.documents.connections.get(name)?.document.spec;
    if (target === undefined) {
      if (input.isInvalid("Connection", name)) return [];
      return [
        {
          source,
          path: at,
          code: "connection-unknown",
          message: `there is no connection ${shown(name)}`,
          fix: didYouMean(name, input.documents.connections.keys(), "add a Connection of kind aws"),
        },
      ];
    }
    if (target.aws === undefined) {
      const actual = CONNECTION_KINDS.find((kind) => target[kind] !== undefined) ?? "none";
      return [
        {
          source,
          path: at,
          code: "connection-wrong-kind",
          message: `the connection ${shown(name)} is of kind ${actual}, and aws is needed here`,
          fix: "name a connection of kind aws",
        },
      ];
    }
    const { zone } = source.document.spec;
    if (target.zone === undefined || target.zone === zone) return [];
    return [
      {
        source,
        path: at,
        code: "zones-differ",
        message: `${shown(name)} is in zone ${shown(target.zone)}, and this connection ${zone === undefined ? "in none" : `in zone ${shown(zone)}`}: no runner reaches both`,
        fix: "name connections of one zone",
      },
    ];
  });
}

/** In mid-rotation the runner would read the new secret where it needs the old one, or lock itself out. */
function ownLoginFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  const { spec } = source.document;
  const targets = targetsOf(source, documents.connections);
  if (targets.size === 0) return [];
  return connectionUses(spec).flatMap(({ name, path }): Fault[] => {
    const used = documents.connections.get(name)?.document.spec;
    const own = storedSecretsIn(used).find(({ reference }) =>
      targets.has(storedPlace(reference, documents.connections)),
    );
    if (own === undefined) return [];
    return [
      {
        source,
        path,
        code: "rotates-own-login",
        message: `the connection ${shown(name)} takes its secret from where this credential is delivered: the runner would replace the login that it works with`,
        fix: "let this credential be rotated through another connection, or the connection take its secret from another place",
      },
    ];
  });
}

/** Where a credential's deliveries put it, as far as a connection could read it there. */
function targetsOf({ document }: Sourced<Credential>, connections: Connections): ReadonlySet<string> {
  const places = new Set<string>();
  for (const entry of document.spec.deliver ?? []) {
    const secret = entry["aws-secrets-manager"];
    const parameters = entry["aws-ssm"];
    if (secret !== undefined) {
      places.add(storedPlace({ "aws-secrets-manager": secret }, connections));
    }
    for (const name of Object.keys(parameters?.values ?? {})) {
      places.add(storedPlace({ "aws-ssm": { connection: parameters?.connection ?? "", name } }, connections));
    }
  }
  return places;
}

/** One text for one stored secret, equal for its name and its ARN. */
export function storedPlace(reference: StoredSecret, connections: Connections): string {
  const aws = connections.get(storeOf(reference))?.document.spec.aws;
  const name =
    "aws-ssm" in reference
      ? reference["aws-ssm"].name.replace(/^arn:[^:]*:ssm:[^:]*:\d*:parameter/, "")
      : reference["aws-secrets-manager"].secretId.replace(
          /^arn:[^:]*:secretsmanager:[^:]*:\d*:secret:(.*?)(-[A-Za-z0-9]{6})?$/,
          "$1",
        );
  return [kindOf(reference), aws?.endpoint, aws?.region, name].join(" ");
}

function kindOf(reference: StoredSecret): "aws-ssm" | "aws-secrets-manager" {
  return "aws-ssm" in reference ? "aws-ssm" : "aws-secrets-manager";
}
