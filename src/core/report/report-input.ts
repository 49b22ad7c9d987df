import type { TrailVerdict } from "../audit/verify.ts";
import type { ComplianceReport } from "../compliance/compliance-report.ts";
import type { Documents } from "../documents/kinds.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { StateFacts } from "../state/facts.ts";
import type { ReportHistory } from "./report-history.ts";
import type { ReportModel } from "./report-schema.ts";

/** What the verification of the audit chain found. */
export interface ChainFacts {
  readonly verdict: TrailVerdict;
  /** The heads that commits recorded were compared; a shallow clone lacks them. */
  readonly comparedWithCommits: boolean;
}

/** What a report is made of. */
export interface ReportInput {
  readonly evaluation: EvaluationResult;
  readonly documents: Documents;
  /** The records that were evaluated, joined with renamed documents. */
  readonly state: StateFacts;
  readonly chain: ChainFacts;
  readonly clock: ReportModel["identity"]["clock"];
  /** Host and path of the repository; undefined: it has no remote. */
  readonly repository: string | undefined;
  /** How the documents differ from what a run reads. */
  readonly differs: string | undefined;
  /** Problems of documents, which are left out. */
  readonly invalidDocuments: number;
  /** Only these credentials, with the words that chose them; absent: all. */
  readonly selection?: { readonly names: ReadonlySet<string>; readonly words: string };
  /** Absent: it was not looked up. */
  readonly history?: ReportHistory;
  /** Checks and controls of the whole registry; absent: they were not carried out. */
  readonly controls?: Pick<ComplianceReport, "checks" | "frameworks">;
  readonly sha256: Sha256;
}
