import { CREDENTIAL_CODES, REPOSITORY_CODES } from "../../evaluate/finding.ts";
import { SIGHTING_CODES } from "../../evaluate/sighting-waivers.ts";
import { isSameLogin } from "../../model/login.ts";
import type { Kind, Sourced } from "../kinds.ts";
import type { Policy } from "../policy.ts";
import type { Exception, Hold, Snooze } from "../waiver.ts";
import { applyRules } from "./apply-rules.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

const CODES: readonly string[] = [...CREDENTIAL_CODES, ...REPOSITORY_CODES];
/** What no exception waives. */
const NEVER_WAIVED: ReadonlySet<string> = new Set(["compromised", "past-end"]);

/** Exceptions, snoozes and holds are about things that exist, and nobody approves their own exception. */
export function checkWaivers(input: CheckInput): readonly Fault[] {
  const { exceptions, snoozes, holds, policies } = input.documents;
  return [
    ...applyRules(exceptions.values(), input, [scopeFaults, matchFaults, exceptionFaults]),
    ...applyRules(snoozes.values(), input, [scopeFaults, matchFaults]),
    ...applyRules(holds.values(), input, [scopeFaults, matchFaults]),
    ...applyRules(policies.values(), input, [matchFaults]),
  ];
}

function scopeFaults(source: Sourced<Exception | Snooze | Hold>, input: CheckInput): Fault[] {
  const { document } = source;
  // It is about credentials that are gone.
  if (document.kind === "Exception" && document.spec.finding === "removed-without-retirement") return [];
  return referenceFaults(source, source.document.spec.credentials, ["spec", "credentials"], input);
}

function matchFaults(source: Sourced<Exception | Snooze | Hold | Policy>, input: CheckInput): Fault[] {
  return referenceFaults(source, source.document.spec.match?.names, ["spec", "match", "names"], input);
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
  input: CheckInput,
): Fault[] {
  const known: ReadonlyMap<string, Sourced> =
    kind === "Credential" ? input.documents.credentials : input.documents.policies;
  if (known.has(name) || input.isInvalid(kind, name)) return [];
  const noun = kind.toLowerCase();
  return [
    {
      source,
      path,
      code: `${noun}-unknown`,
      message: `there is no ${noun} ${shown(name)}`,
      fix: didYouMean(name, known.keys(), `name a ${noun} that exists`),
    },
  ];
}

function exceptionFaults(source: Sourced<Exception>, input: CheckInput): Fault[] {
  const { policy, finding, requestedBy, approvedBy } = source.document.spec;
  const faults: Fault[] = [];
  if (policy !== undefined) faults.push(...unknownName(source, "Policy", policy, ["spec", "policy"], input));
  if (finding !== undefined) faults.push(...findingFaults(source, finding));
  faults.push(...sightingFaults(source));
  if (approvedBy !== undefined && isSameLogin(requestedBy, approvedBy)) {
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

/** What nobody registered has no name, so an exception names what was seen of it, and nothing else. */
function sightingFaults(source: Sourced<Exception>): Fault[] {
  const { match, finding = "" } = source.document.spec;
  if (match?.sightings !== undefined) {
    const isAlone = Object.keys(match).length === 1 && SIGHTING_CODES.has(finding);
    if (isAlone) return [];
    const codes = [...SIGHTING_CODES].join(", ");
    return [
      {
        source,
        path: ["spec", "match", "sightings"],
        at: "key",
        code: "sightings-misplaced",
        message:
          "`sightings` stand alone in `match`, in an exception whose `finding` is about what discovery saw",
        fix: `take the other conditions out, and write \`finding\`: one of ${codes}`,
      },
    ];
  }
  if (finding !== "unmanaged") return [];
  return [
    {
      source,
      path: ["spec", "finding"],
      code: "sightings-missing",
      message: "what is unmanaged is no credential of the registry",
      fix: "name it by `match: { sightings: [HANDLE or PLACE] }`",
    },
  ];
}

function findingFaults(source: Sourced, finding: string): Fault[] {
  const path = ["spec", "finding"];
  if (NEVER_WAIVED.has(finding)) {
    const message = `no exception waives ${finding}`;
    return [{ source, path, code: "finding-never-waived", message, fix: "rotate the credential" }];
  }
  if (CODES.includes(finding) || finding.startsWith("chain-")) return [];
  return [
    {
      source,
      path,
      code: "finding-unknown",
      message: `there is no finding ${shown(finding)}`,
      fix: didYouMean(finding, CODES, `use one of ${CODES.join(", ")}`),
    },
  ];
}
