import { waiverOf } from "../exceptions.ts";
import { type Finding, NEVER_WAIVED } from "../finding.ts";
import { chainFindings } from "./chain-findings.ts";
import { dateFindings, endFindings } from "./date-findings.ts";
import { declarationFindings, requirementFindings } from "./declaration-findings.ts";
import { placeFindings } from "./discovery-findings.ts";
import type { Draft, Examined } from "./examined.ts";
import { compareFindings, makeFinding } from "./make-finding.ts";
import { rotationFindings } from "./rotation-findings.ts";

/** Everything that is wrong with one credential, sorted; waived findings stay in the list with their exception. */
export function credentialFindings(examined: Examined): readonly Finding[] {
  const drafts = [
    ...endFindings(examined),
    ...dateFindings(examined),
    ...requirementFindings(examined),
    ...rotationFindings(examined),
    ...declarationFindings(examined),
    ...chainFindings(examined),
    ...placeFindings(examined),
  ];
  const found = new Map<string, Finding>();
  for (const finding of drafts.flatMap((draft) => judged(draft, examined))) {
    // The record and its rotation may tell the same thing: it is one finding.
    if (!found.has(finding.fingerprint)) found.set(finding.fingerprint, finding);
  }
  return [...found.values()].toSorted(compareFindings);
}

/** The finding with what waives it, and each exception that would have if the policy admitted it. */
function judged(draft: Draft, { source, exceptions, circumstances }: Examined): readonly Finding[] {
  const { documents, sha256 } = circumstances.input;
  const credential = source.document.metadata.name;
  if (NEVER_WAIVED.has(draft.code)) return [makeFinding({ ...draft, credential, source }, sha256)];
  const subject = { code: draft.code, ...(draft.policy === undefined ? {} : { policy: draft.policy }) };
  const { by, refused } = waiverOf(exceptions, subject, documents);
  const voids = refused.map(({ exception, reason }) =>
    makeFinding(
      {
        code: "exception-void",
        level: "warning",
        credential,
        ...(draft.policy === undefined ? {} : { policy: draft.policy }),
        discriminator: exception.name,
        source: exception.source,
        facts: { exception: exception.name, reason },
      },
      sha256,
    ),
  );
  return [makeFinding({ ...draft, credential, source, waivedBy: by }, sha256), ...voids];
}
