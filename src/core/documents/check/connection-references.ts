import { accountRefusal } from "../../authorized-keys/account.ts";
import { globMatches } from "../../text/glob.ts";
import { CONNECTION_KINDS, type Connection } from "../connection.ts";
import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import { type ConnectionUse, connectionUses } from "./connection-uses.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

/** Every connection that a credential names exists, is of the right kind, and lets this credential and its objects in. */
export function checkConnectionReferences(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [useFaults, zoneFaults]);
}

function useFaults(source: Sourced<Credential>, input: CheckInput): Fault[] {
  return connectionUses(source.document.spec).flatMap((use) => faultsOfUse(source, use, input));
}

function faultsOfUse(source: Sourced<Credential>, use: ConnectionUse, input: CheckInput): Fault[] {
  const target = input.documents.connections.get(use.name);
  if (target === undefined) {
    return input.isInvalid("Connection", use.name) ? [] : [unknownConnection(source, use, input)];
  }
  const { spec } = target.document;
  if (spec[use.kind] === undefined) {
    const actual = CONNECTION_KINDS.find((kind) => spec[kind] !== undefined) ?? "none";
    return [
      {
        source,
        path: use.path,
        code: "connection-wrong-kind",
        message: `the connection ${shown(use.name)} is of kind ${actual}, and ${use.kind} is needed here`,
        fix: `name a connection of kind ${use.kind}`,
      },
    ];
  }
  const faults = allowFaults(source, use, target);
  if (use.asAdmin && spec.postgresql !== undefined && spec.postgresql.admin === undefined) {
    faults.push({
      source,
      path: use.path,
      code: "connection-without-admin",
      message: `the connection ${shown(use.name)} has no admin login, so nothing can be changed through it`,
      fix: "add `admin` to the connection, or name another one",
    });
  }
  return faults;
}

function unknownConnection(
  source: Sourced<Credential>,
  use: ConnectionUse,
  { documents }: CheckInput,
): Fault {
  return {
    source,
    path: use.path,
    code: "connection-unknown",
    message: `there is no connection ${shown(use.name)}`,
    fix: didYouMean(
      use.name,
      documents.connections.keys(),
      "ask the security team for a Connection of this name in policies/",
    ),
  };
}

function allowFaults(source: Sourced<Credential>, use: ConnectionUse, target: Sourced<Connection>): Fault[] {
  const { names, services, objects } = target.document.spec.allow ?? {};
  const { metadata, spec } = source.document;
  const where = `the connection ${shown(use.name)} (${target.file}:${target.line})`;
  const faults: Fault[] = [];
  const refuse = (path: ConnectionUse["path"], what: string, list: string): void =>
    void faults.push({
      source,
      path,
      code: "connection-not-allowed",
      message: `${where} does not allow ${what}`,
      fix: `ask its owners to add it to \`allow.${list}\``,
    });
  if (names !== undefined && !names.includes(metadata.name)) {
    refuse(use.path, `the credential ${shown(metadata.name)}`, "names");
  }
  if (services !== undefined && !services.includes(spec.service)) {
    refuse(use.path, `the service ${shown(spec.service)}`, "services");
  }
  if (use.account !== undefined) {
    const host = target.document.spec.ssh?.host;
    const problem = accountRefusal(objects, use.account, host);
    if (problem !== undefined) {
      faults.push({ source, path: use.path, ...problem, message: `${where} ${problem.message}` });
    }
  }
  for (const object of use.objects) {
    const allowed =
      objects?.some((pattern) => object.names.some((name) => globMatches(pattern, name))) ?? true;
    if (!allowed) refuse(object.path, shown(object.names[0]), "objects");
  }
  return faults;
}

/** One process works in one zone, so no credential can need two. */
function zoneFaults(source: Sourced<Credential>, { documents }: CheckInput): Fault[] {
  let first: { readonly zone: string; readonly name: string } | undefined;
  for (const { name, path } of connectionUses(source.document.spec)) {
    const zone = documents.connections.get(name)?.document.spec.zone;
    if (zone === undefined || zone === first?.zone) continue;
    if (first === undefined) {
      first = { zone, name };
      continue;
    }
    return [
      {
        source,
        path,
        code: "zones-differ",
        message: `${shown(first.name)} is in zone ${shown(first.zone)} and ${shown(name)} in zone ${shown(zone)}: no runner reaches both`,
        fix: "name connections of one zone",
      },
    ];
  }
  return [];
}
