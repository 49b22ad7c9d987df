import type { Documents } from "../documents/kinds.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { ForgeIssue } from "../ports/forge.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { StateFacts } from "../state/facts.ts";
import type { IssueBook } from "../state/issue-book.ts";

/** How much of the world a run has looked at, and so how much it may say by issues. */
export type IssueScope =
  | { readonly of: "everything" }
  /**
   * Some documents are invalid: what is missing may be there. Only what is critical is told, and nothing counts as
   * healed.
   */
  | { readonly of: "valid-documents"; readonly problems: number }
  /** The run was about a few credentials: only their emergencies are told. */
  | { readonly of: "emergencies"; readonly credentials: ReadonlySet<string> };

/** Everything that the issues of a run depend on. */
export interface IssuesInput {
  readonly evaluation: EvaluationResult;
  readonly documents: Documents;
  readonly state: StateFacts;
  readonly sha256: Sha256;
  readonly book: IssueBook;
  /** Issues of the forge with our label, whoever wrote them, oldest first. */
  readonly issues: readonly ForgeIssue[];
  /** The runner's own login. */
  readonly login: string;
  /** Web address of a file of people's. */
  readonly fileUrl: (path: string) => string;
  readonly scope: IssueScope;
  /** This run can make pull requests. */
  readonly canPropose: boolean;
}
