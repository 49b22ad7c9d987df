import { accountOfRole, CONNECTION_KINDS, type Connection } from "../connection.ts";
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
  if (targets.length === 0) return [];
  return connectionUses(spec).flatMap(({ name, path }): Fault[] => {
    const used = documents.connections.get(name)?.document.spec;
    const own = storedSecretsIn(used).find(({ reference }) => {
      const place = storedPlace(reference, documents.connections);
      return targets.some((target) => isSamePlace(target, place));
    });
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
function targetsOf({ document }: Sourced<Credential>, connections: Connections): readonly StoredPlace[] {
  const places: StoredPlace[] = [];
  for (const entry of document.spec.deliver ?? []) {
    const secret = entry["aws-secrets-manager"];
    const parameters = entry["aws-ssm"];
    if (secret !== undefined) {
      places.push(storedPlace({ "aws-secrets-manager": secret }, connections));
    }
    for (const name of Object.keys(parameters?.values ?? {})) {
      places.push(
        storedPlace({ "aws-ssm": { connection: parameters?.connection ?? "", name } }, connections),
      );
    }
  }
  return places;
}

/** Where a stored secret lies. */
interface StoredPlace {
  /** Equal for its name and its ARN. */
  readonly name: string;
  /** Of the role through which it is reached; undefined where the runner's own login decides. */
  readonly account: string | undefined;
  readonly login: string;
}

export function storedPlace(reference: StoredSecret, connections: Connections): StoredPlace {
  const aws = connections.get(storeOf(reference))?.document.spec.aws;
  const name =
    "aws-ssm" in reference
      ? reference["aws-ssm"].name.replace(/^arn:[^:]*:ssm:[^:]*:\d*:parameter/, "")
      : reference["aws-secrets-manager"].secretId.replace(
          /^arn:[^:]*:secretsmanager:[^:]*:\d*:secret:(.*?)(-[A-Za-z0-9]{6})?$/,
          "$1",
        );
  return {
    name: [kindOf(reference), aws?.endpoint, aws?.region, name].join(" "),
    account: accountOfRole(aws?.assumeRole),
    login: aws?.profile ?? "",
  };
}

/** One text for a place: accounts have their secrets for themselves, and so have logins as far as a document shows. */
export function placeText({ name, account, login }: StoredPlace): string {
  return `${name} ${account ?? `of the login ${login}`}`;
}

/** Whether it may be one place: in which account the runner's own login is, no document says. */
function isSamePlace(a: StoredPlace, b: StoredPlace): boolean {
  return a.name === b.name && (a.account === b.account || a.account === undefined || b.account === undefined);
}

function kindOf(reference: StoredSecret): "aws-ssm" | "aws-secrets-manager" {
  return "aws-ssm" in reference ? "aws-ssm" : "aws-secrets-manager";
}
