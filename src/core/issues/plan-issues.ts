import type { Finding } from "../evaluate/finding.ts";
import { findingText } from "../evaluate/message.ts";
import type { ForgeIssue } from "../ports/forge.ts";
import type { IssueBook } from "../state/issue-book.ts";
import { closeHealed } from "./close-healed.ts";
import { digestBody, digestTitle } from "./digest-text.ts";
import { findingBody, findingTitle } from "./finding-text.ts";
import { indexFindings } from "./healing-text.ts";
import { type IssueAction, writesOf } from "./issue-action.ts";
import type { IssuesInput } from "./issues-input.ts";
import { type IssueView, keepClosed, keepOpen, type Step, type WantedIssue } from "./keep-issue.ts";
import { markdownProse } from "./markdown-parts.ts";
import { DASHBOARD, digestKey, findingKey, type IssueKey, isBy, keyIn, LABEL, ownIssues } from "./markers.ts";
import { planDashboard } from "./plan-dashboard.ts";
import { planProposals } from "./plan-proposals.ts";
import { isHandwork, seenBefore } from "./proof-of-handwork.ts";
import { type Digest, rankOf, type Wanted, wantedIssues } from "./wanted-issues.ts";

export interface IssuePlan {
  /** With all that is to be noted without asking the forge for anything. */
  readonly book: IssueBook;
  /** In their order, within the budget. */
  readonly actions: readonly IssueAction[];
  /** Actions that the budget leaves to later runs. */
  readonly postponed: number;
}

/** Of one level: what tells most comes first, and what opens before what closes. */
const ORDER = { digest: 0, keep: 1, propose: 2, close: 3 } as const;

/** Steps as they are found, before they are put in order. */
interface Steps {
  readonly ranked: { readonly level: number; readonly order: number; readonly action: IssueAction }[];
  readonly notes: Map<IssueKey, NonNullable<Step["note"]>>;
  /** What has been looked at: the rest of what is known is healed. */
  readonly seen: Set<IssueKey>;
}

/** What is the same for all issues of one plan. */
interface Planning {
  readonly input: IssuesInput;
  readonly wanted: Wanted;
  readonly own: ReadonlyMap<IssueKey, readonly ForgeIssue[]>;
  readonly view: (key: IssueKey) => IssueView;
  readonly steps: Steps;
}

/**
 * What has to be done so that the forge's issues are as the findings are: one open issue for each finding that is
 * told, or a digest of its owner; none for what is healed. The dashboard comes first, then what is most urgent. Pure,
 * and over when it is done: planned again on what it led to, it gives nothing.
 */
export function planIssues(input: IssuesInput, budget: number): IssuePlan {
  const own = ownIssues(input.issues, input.login);
  const wanted = wantedIssues(input, own);
  const seen = new Set(wanted.snoozed.map(({ fingerprint }) => findingKey(fingerprint)));
  const steps: Steps = { ranked: [], notes: new Map(), seen };
  const planning: Planning = { input, wanted, own, view: viewOf(input, own), steps };
  const unwritten = keepSingles(planning, budget);
  keepDigests(planning);
  if (input.scope.of === "everything") {
    closeDigested(planning);
    closeOthers(planning);
    for (const { action, level } of planProposals(input, wanted.singles)) {
      steps.ranked.push({ level: rankOf(level), order: ORDER.propose, action });
    }
  }
  const book = noted(input.book, steps.notes);
  const dashboard = planDashboard({ ...input, book }, planning.view(DASHBOARD));
  const sorted = steps.ranked
    .toSorted((a, b) => b.level - a.level || a.order - b.order)
    .map(({ action }) => action);
  const { actions, postponed } = withinBudget([...dashboard.actions, ...sorted], budget);
  return { book: { ...book, ...dashboard.note }, actions, postponed: postponed + unwritten };
}

function take(
  { ranked, notes, seen }: Steps,
  key: IssueKey,
  rank: readonly [number, number],
  step: Step,
): void {
  const { action, note } = step;
  const [level, order] = rank;
  seen.add(key);
  if (action !== undefined) ranked.push({ level, order, action });
  if (note !== undefined) notes.set(key, note);
}

/** Gives how many issues are to be opened beyond the budget: they are not even written. */
function keepSingles({ input, wanted, view, steps }: Planning, budget: number): number {
  const before = rememberedBefore(input.book);
  let unopened = 0;
  for (const finding of wanted.singles) {
    const single = wantedSingle(finding, input, before);
    const of = view(single.key);
    if (of.issue === undefined) unopened += 1;
    const isBeyond = of.issue === undefined && unopened > budget;
    const step = isBeyond ? {} : keepOpen(single, of, input.sha256);
    take(steps, single.key, [rankOf(finding.level), ORDER.keep], step);
  }
  return Math.max(0, unopened - budget);
}

function keepDigests({ input, wanted, view, steps }: Planning): void {
  for (const digest of wanted.digests) {
    const issue = wantedDigest(digest, input);
    // With documents missing it would tell less than there is.
    const isLeft = input.scope.of === "valid-documents" && input.book.issues?.[issue.key] !== undefined;
    const step = isLeft ? {} : keepOpen(issue, view(issue.key), input.sha256);
    take(steps, issue.key, [rankOf(issue.level), ORDER.digest], step);
  }
}

function closeDigested({ wanted, view, steps }: Planning): void {
  for (const { owner, findings } of wanted.digests) {
    const number = view(digestKey(owner)).issue?.number;
    for (const { fingerprint, level } of findings) {
      const key = findingKey(fingerprint);
      if (steps.seen.has(key)) continue;
      // Nothing is closed before there is what it points at.
      const step = number === undefined ? {} : keepClosed(key, view(key), number);
      take(steps, key, [rankOf(level), ORDER.close], step);
    }
  }
}

/** What nothing wants any more, and what is there twice. */
function closeOthers({ input, own, view, steps }: Planning): void {
  const findings = indexFindings(input.evaluation);
  for (const key of new Set([...Object.keys(input.book.issues ?? {}), ...own.keys()])) {
    if (steps.seen.has(key)) continue;
    take(steps, key, [0, ORDER.close], closeHealed(key, view(key), input, findings));
  }
  for (const action of duplicates(own, view)) steps.ranked.push({ level: 0, order: ORDER.close, action });
}

/**
 * The book's issue, or one that was made and not written down; of several the oldest that is open. A number alone is
 * not trusted: in a copy of the repository it is somebody else's.
 */
function viewOf(
  { book, issues, login }: IssuesInput,
  own: ReadonlyMap<IssueKey, readonly ForgeIssue[]>,
): (key: IssueKey) => IssueView {
  const byNumber = new Map(issues.map((issue) => [issue.number, issue]));
  return (key) => {
    const entry = book.issues?.[key];
    const named = entry === undefined ? undefined : byNumber.get(entry.number);
    const isOurs = named !== undefined && (isBy(named, login) || keyIn(named.body) === key);
    const found = own.get(key) ?? [];
    return {
      entry,
      issue: (isOurs ? named : undefined) ?? found.find(({ state }) => state === "open") ?? found.at(-1),
    };
  };
}

type Remembered = ReadonlyMap<string, NonNullable<WantedIssue["before"]>>;

/** What was seen when the first of a credential's issues was made holds for those that follow it. */
function rememberedBefore({ issues }: IssueBook): Remembered {
  return new Map(
    Object.values(issues ?? {}).flatMap(({ credential, before }) =>
      credential === undefined || before === undefined ? [] : [[credential, before]],
    ),
  );
}

function wantedSingle(finding: Finding, input: IssuesInput, remembered: Remembered): WantedIssue {
  const { evaluation, state } = input;
  const { credential, level, fingerprint, code } = finding;
  const evaluated = credential === null ? undefined : evaluation.credentials.get(credential);
  const spec = evaluated?.source.document.spec;
  const before =
    credential === null || evaluated === undefined || !isHandwork(code, evaluated)
      ? undefined
      : (remembered.get(credential) ?? seenBefore(evaluated, state.statuses.get(credential)));
  return {
    key: findingKey(fingerprint),
    level,
    draft: () => ({
      title: findingTitle(finding),
      body: findingBody(finding, input),
      labels: [LABEL, `${LABEL}/${level}`, ...(spec === undefined ? [] : [`${LABEL}/${spec.type}`])],
      assignees: spec === undefined ? [] : assigneesOf(spec.owner.team, input),
    }),
    says: () => markdownProse(findingText(finding).message),
    code,
    ...(credential === null ? {} : { credential }),
    ...(before === undefined ? {} : { before }),
  };
}

function wantedDigest(digest: Digest, input: IssuesInput): WantedIssue {
  return {
    key: digestKey(digest.owner),
    level: digest.findings[0]?.level ?? "warning",
    draft: () => ({
      title: digestTitle(digest),
      body: digestBody(digest, input),
      labels: [LABEL, `${LABEL}/digest`],
      assignees: assigneesOf(digest.owner, input),
    }),
    says: () => `there are ${digest.findings.length} violations.`,
  };
}

/** A team of the forge cannot be assigned, and is not mentioned: only a login is. */
function assigneesOf(team: string, { documents }: IssuesInput): readonly string[] {
  const login = documents.settings?.document.spec.teams?.[team]?.github?.replace(/^@/, "");
  return login === undefined || login.includes("/") ? [] : [login];
}

/** Made by a run that did not live to write it down, and made again by the next. */
function duplicates(
  own: ReadonlyMap<IssueKey, readonly ForgeIssue[]>,
  view: (key: IssueKey) => IssueView,
): readonly IssueAction[] {
  return [...own].flatMap(([key, issues]) => {
    const { issue: kept } = view(key);
    return issues
      .filter(({ number, state }) => state === "open" && number !== kept?.number)
      .map(
        ({ number }): IssueAction => ({
          kind: "change",
          key,
          number,
          comment: `The same as #${kept?.number}.`,
          change: { state: "closed", reason: "duplicate" },
          entry: "keep",
        }),
      );
  });
}

function noted(book: IssueBook, notes: ReadonlyMap<IssueKey, NonNullable<Step["note"]>>): IssueBook {
  if (notes.size === 0) return book;
  const issues = new Map(Object.entries(book.issues ?? {}));
  for (const [key, note] of notes) {
    if (note === "drop") issues.delete(key);
    else issues.set(key, note);
  }
  return { ...book, issues: Object.fromEntries(issues) };
}

function withinBudget(
  actions: readonly IssueAction[],
  budget: number,
): Pick<IssuePlan, "actions" | "postponed"> {
  let left = budget;
  const within = actions.findIndex((action) => (left -= writesOf(action)) < 0);
  return within === -1
    ? { actions, postponed: 0 }
    : { actions: actions.slice(0, within), postponed: actions.length - within };
}
