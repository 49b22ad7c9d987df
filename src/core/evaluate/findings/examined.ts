import type { Credential } from "../../documents/credential.ts";
import type { Sourced } from "../../documents/kinds.ts";
import type { Status } from "../../state/status.ts";
import type { Circumstances } from "../circumstances.ts";
import type { CredentialFacts } from "../credential-facts.ts";
import type { EvaluatedCredential } from "../evaluation.ts";
import type { JudgedException } from "../exceptions.ts";
import type { Duty } from "../obligations.ts";
import type { FindingDraft } from "./make-finding.ts";

/** What is known about a credential before its findings are told. */
export interface Examined {
  readonly source: Sourced<Credential>;
  readonly status: Status | undefined;
  readonly facts: CredentialFacts;
  /** By policy name. */
  readonly duties: readonly Duty[];
  readonly compromise: EvaluatedCredential["compromise"];
  readonly pastEnd: boolean;
  readonly retired: boolean;
  /** What keeps it back because its targets were changed. */
  readonly change: EvaluatedCredential["change"];
  /** Those about this credential. */
  readonly exceptions: readonly JudgedException[];
  readonly circumstances: Circumstances;
}

/** A finding about a credential, without what is the same for all of its findings. */
export type Draft = Omit<FindingDraft, "credential" | "source" | "waivedBy">;
