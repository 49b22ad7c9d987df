import type { Documents } from "../documents/kinds.ts";
import { instantIn } from "../evaluate/credential-facts.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import { compareKeys } from "../evaluate/order.ts";
import type { StateFacts } from "../state/facts.ts";
import type { ReportModel } from "./report-schema.ts";

type Row = ReportModel["incidents"][number];

/** Every compromise that was declared, by command or in a document, also those that are over; the oldest first. */
export function incidentRows(documents: Documents, state: StateFacts, evaluation: EvaluationResult): Row[] {
  const commanded = [...state.incidents.values()].map(
    ({ id, credential, at, by, reason, withdrawn }): Row => ({
      id,
      credential,
      at,
      by,
      reason,
      standing: withdrawn === undefined ? standingOf(credential, evaluation) : "withdrawn",
    }),
  );
  const declared = [...documents.credentials].flatMap(([name, { document, file, line }]): Row[] => {
    const { compromised } = document.spec;
    if (compromised === undefined) return [];
    const { at, reportedBy, reason } = compromised;
    return [
      {
        id: `${file}:${line}`,
        credential: name,
        at: instantIn(at),
        by: reportedBy,
        reason,
        standing: standingOf(name, evaluation),
      },
    ];
  });
  return [...commanded, ...declared].toSorted((a, b) => compareKeys([a.at, a.id], [b.at, b.id]));
}

/** Of a credential that is not registered any more nobody can say that it is over. */
function standingOf(credential: string, { credentials }: EvaluationResult): Row["standing"] {
  const evaluated = credentials.get(credential);
  return evaluated === undefined || evaluated.compromise !== undefined ? "open" : "over";
}
