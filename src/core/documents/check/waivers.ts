import { CREDENTIAL_CODES, REPOSITORY_CODES } from "../../evaluate/finding.ts";
import { nearest } from "../../text/nearest.ts";
import type { Match } from "../common.ts";
import type { Kind, Sourced } from "../kinds.ts";
import type { Exception } from "../waiver.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

const CODES: readonly string[] = [...CREDENTIAL_CODES, ...REPOSITORY_CODES];
/** What no exception waives. */
const NEVER_WAIVED: readonly string[] = ["compromised", "past-end"];

/** Exceptions, snoozes and holds are about things that exist, and nobody approves their own exception. */
export function checkWaivers(input: CheckInput): readonly Fault[] {
  const { exceptions, snoozes, holds, policies } = input.documents;
  const scoped = [...exceptions.values(), ...snoozes.values(), ...holds.values()];
  return [
    ...scoped.flatMap((source) => {
      const { credentials, match } = source.document.spec;
      return [
        ...referenceFaults(source, credentials, ["spec", "credentials"], input),
        ...matchFaults(source, match, input),
      ];
    }),
    ...[...policies.values()].flatMap((source) => matchFaults(source, source.document.spec.match, input)),
    ...[...exceptions.values()].flatMap((source) => exceptionFaults(source, input)),
  ];
}

function matchFaults(source: Sourced, match: Match | undefined, input: CheckInput): Fault[] {
  return referenceFaults(source, match?.names, ["spec", "match", "names"], input);
}

function referenceFaults(
  source: Sourced,
  names: readonly string[] | undefined,
  path: FieldPath,
  input: CheckInput,
): Fault[] {
  return (names ?? []).flatMap((name, at) => unknownName(source, "Credential", name, [...path, at], input));
}

function unknownName(
  source: Sourced,
  kind: Kind & ("Credential" | "Policy"),
  name: string,
  path: FieldPath,
  { documents, isInvalid }: CheckInput,
): Fault[] {
  const known: ReadonlyMap<string, Sourced> =
    kind === "Credential" ? documents.credentials : documents.policies;
  if (known.has(name) || isInvalid(kind, name)) return [];
  const near = nearest(name, known.keys());
  const noun = kind.toLowerCase();
  return [
    {
      source,
      path,
      code: `${noun}-unknown`,
      message: `there is no ${noun} ${shown(name)}`,
      fix: near === undefined ? `name a ${noun} that exists` : `did you mean \`${near}\`?`,
    },
  ];
}

function exceptionFaults(source: Sourced<Exception>, input: CheckInput): Fault[] {
  const { policy, finding, requestedBy, approvedBy } = source.document.spec;
  const faults: Fault[] = [];
  if (policy !== undefined) faults.push(...unknownName(source, "Policy", policy, ["spec", "policy"], input));
  if (finding !== undefined) faults.push(...findingFaults(source, finding));
  if (approvedBy !== undefined && isSamePerson(requestedBy, approvedBy)) {
    faults.push({
      source,
      path: ["spec", "approvedBy"],
      code: "approver-is-requester",
      message: "the person who asks for an exception cannot approve it",
      fix: "let somebody else approve it",
    });
  }
  return faults;
}

function findingFaults(source: Sourced, finding: string): Fault[] {
  const path = ["spec", "finding"];
  if (NEVER_WAIVED.includes(finding)) {
    const message = `no exception waives ${finding}`;
    return [{ source, path, code: "finding-never-waived", message, fix: "rotate the credential" }];
  }
  if (CODES.includes(finding) || finding.startsWith("chain-")) return [];
  const near = nearest(finding, CODES);
  return [
    {
      source,
      path,
      code: "finding-unknown",
      message: `there is no finding ${shown(finding)}`,
      fix: near === undefined ? `use one of ${CODES.join(", ")}` : `did you mean \`${near}\`?`,
    },
  ];
}

function isSamePerson(a: string, b: string): boolean {
  const plain = (name: string): string => name.trim().replace(/^@/, "").toLowerCase();
  return plain(a) === plain(b);
}
