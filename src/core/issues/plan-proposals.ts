import type { Finding, Level } from "../evaluate/finding.ts";
import type { IssueAction } from "./issue-action.ts";
import type { IssuesInput } from "./issues-input.ts";
import { dayOf } from "./markdown-parts.ts";
import { isHandwork } from "./proof-of-handwork.ts";

/** Of a rotation that a person has to write down: one in each due cycle. */
function proposalBranch(credential: string, dueAt: string): string {
  return `cre/rotated/${credential}/${dayOf(dueAt)}`;
}

export interface RankedProposal {
  readonly level: Level;
  readonly action: IssueAction;
}

/**
 * The pull requests that only need the day of a rotation: one for each credential that a person has to rotate and that
 * has an issue of its own, and none that is of no use any more.
 */
export function planProposals(input: IssuesInput, singles: readonly Finding[]): readonly RankedProposal[] {
  const { evaluation, book, canPropose } = input;
  if (!canPropose) return [];
  const planned: RankedProposal[] = [];
  const wanted = new Map<string, { readonly branch: string; readonly level: Level }>();
  for (const { code, credential, level } of singles) {
    const evaluated = credential === null ? undefined : evaluation.credentials.get(credential);
    const { dueAt } = evaluated ?? {};
    // After a compromise the instant counts, which a day alone does not tell.
    if (
      evaluated === undefined ||
      dueAt === undefined ||
      code === "compromised" ||
      !isHandwork(code, evaluated)
    ) {
      continue;
    }
    const { name } = evaluated;
    if (!wanted.has(name)) wanted.set(name, { branch: proposalBranch(name, dueAt), level });
  }
  for (const [credential, { branch, number, state }] of Object.entries(book.proposals ?? {})) {
    const isOfUse =
      wanted.get(credential)?.branch === branch ||
      (!wanted.has(credential) && isStillToRotate(credential, evaluation));
    if (isOfUse) continue;
    planned.push({
      level: "none",
      action: { kind: "withdraw", credential, number, isOpen: state === "open" },
    });
  }
  for (const [credential, { branch, level }] of wanted) {
    if (book.proposals?.[credential]?.branch === branch) continue;
    planned.push({ level, action: { kind: "propose", credential, branch } });
  }
  return planned;
}

/** Waived, snoozed or in a digest: nobody is asked just now, but the pull request is of use still. */
function isStillToRotate(credential: string, { credentials }: IssuesInput["evaluation"]): boolean {
  const evaluated = credentials.get(credential);
  return evaluated?.findings.some(({ code }) => isHandwork(code, evaluated)) === true;
}
