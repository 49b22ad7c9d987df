import type { EvaluatedCredential } from "../../core/evaluate/evaluation.ts";
import { afterAction } from "../../core/issues/after-action.ts";
import { type Done, type IssueAction, settled, writesOf } from "../../core/issues/issue-action.ts";
import type { IssueScope } from "../../core/issues/issues-input.ts";
import { findingKey, LABEL } from "../../core/issues/markers.ts";
import { planIssues } from "../../core/issues/plan-issues.ts";
import { rotationProposal } from "../../core/issues/proposal-text.ts";
import { CreError, EffectError } from "../../core/model/errors.ts";
import type { Forge, ForgeIssue } from "../../core/ports/forge.ts";
import type { Inputs } from "../../core/ports/store.ts";
import type { IssueBook } from "../../core/state/issue-book.ts";
import type { People } from "../ports.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf, type World } from "../world.ts";

/** Requests that write in one run: the forge counts them by the minute and by the hour. */
const BUDGET = 60;
/** Seconds that one request may take. */
const REQUEST_SECONDS = 30;
/** Seconds for the list of all issues, which may have many pages. */
const LIST_SECONDS = 120;
/** What was done may be told by what was there before it (numbers, proposals): a second round says so. */
const ROUNDS = 3;
/** Failures after which a run tries no further: the next one goes on. */
const PATIENCE = 3;

/** What a run did at the forge. */
export interface Desk {
  readonly book: IssueBook;
  readonly lines: readonly ReportLine[];
  /** Something could not be told. */
  readonly failed: boolean;
}

/** Brings the forge's issues to where the findings are, as far as the budget and the forge let it. */
export async function keepIssues(
  world: World,
  people: People,
  forge: Forge,
  { scope, book: known }: { readonly scope: IssueScope; readonly book: IssueBook },
  signal: AbortSignal,
): Promise<Desk> {
  const limited = (seconds = REQUEST_SECONDS): AbortSignal =>
    AbortSignal.any([signal, world.ports.timeLimit(seconds)]);
  const login = await forge.login(limited());
  const writer = proposalWriter(world, people, signal);
  const standing: Standing = {
    book: known,
    issues: await forge.issues(LABEL, limited(LIST_SECONDS)),
    left: BUDGET,
    canPropose: writer !== undefined,
    stopped: false,
    unproposed: new Set(),
    done: [],
    failures: [],
    refusals: [],
  };
  const perform = (action: IssueAction): Promise<Performed> =>
    performAction(action, forge, limited, async ({ credential, branch }) => {
      const evaluated = world.evaluation.credentials.get(credential);
      if (evaluated === undefined || writer === undefined) {
        throw new Error(`nothing is to be proposed of ${credential}`);
      }
      const issue = issueAbout(evaluated, standing.book);
      const proposal = rotationProposal(evaluated, branch, await writer(evaluated), issue);
      const { number, url, state } = await forge.propose(proposal, limited());
      return { proposal: { branch, number, url, state } };
    });
  const { evaluation, state, ports, inputs } = world;
  const fileUrl = (path: string): string => forge.fileUrl(path);
  const facts = {
    evaluation,
    state,
    documents: inputs.documents,
    sha256: ports.sha256,
    login,
    fileUrl,
    scope,
  };
  let postponed = 0;
  for (let round = 1; round <= ROUNDS && !standing.stopped && standing.failures.length === 0; round += 1) {
    const { book, issues, left, canPropose } = standing;
    // The dashboard is told at the end what came of the rest.
    const plan = planIssues({ ...facts, book, issues, canPropose }, round === 1 ? left - 1 : left);
    standing.book = plan.book;
    postponed = plan.postponed;
    if (plan.actions.length === 0) break;
    for (const action of plan.actions) {
      standing.stopped ||= signal.aborted;
      if (standing.stopped) break;
      await attempt(action, standing, perform, forge.label);
    }
  }
  const { book, done, failures, refusals } = standing;
  const lines = [...doneLine(done, postponed), ...refusals, ...failures];
  return { book, lines, failed: failures.length > 0 };
}

/** What a run knows and has done so far. */
interface Standing {
  book: IssueBook;
  issues: readonly ForgeIssue[];
  /** Of the budget. */
  left: number;
  canPropose: boolean;
  stopped: boolean;
  /** Credentials whose own proposal failed: they are not tried again in this run. */
  readonly unproposed: Set<string>;
  readonly done: IssueAction[];
  readonly failures: ReportLine[];
  /** What the forge does not allow, and people can do without. */
  readonly refusals: ReportLine[];
}

async function attempt(
  action: IssueAction,
  standing: Standing,
  perform: (action: IssueAction) => Promise<Performed>,
  label: string,
): Promise<void> {
  if (action.kind === "propose") {
    if (!standing.canPropose || standing.unproposed.has(action.credential)) return;
  }
  standing.left -= writesOf(action);
  try {
    const { opened, ...result } = await perform(action);
    standing.book = settled(standing.book, action, result);
    standing.issues = afterAction(standing.issues, action, opened);
    standing.done.push(action);
    if (opened?.labels.includes(LABEL) === false) throw unlabelled(label);
  } catch (error) {
    const { code, message } = failureOf(error, label);
    const line: ReportLine = { level: "warning", text: `issues: ${message}` };
    standing.stopped = code === "throttled";
    if (standing.stopped || action.kind === "open" || action.kind === "change") {
      standing.failures.push(line);
      standing.stopped ||= standing.failures.length >= PATIENCE;
      return;
    }
    // Many forges let no runner open pull requests: the issue says what to do without one.
    standing.refusals.push(line);
    if (action.kind === "withdraw") standing.book = settled(standing.book, action);
    else if (isItsOwn(error)) standing.unproposed.add(action.credential);
    else standing.canPropose = false;
  }
}

/** What is wrong with one proposal, such as a document that cannot be edited, is no reason to leave out the others. */
function isItsOwn(error: unknown): boolean {
  return !(error instanceof EffectError) || error.code === "refused" || error.code === "conflict";
}

/** GitHub leaves labels out without a word where the token may not set them. */
function unlabelled(label: string): CreError {
  return new CreError(
    "unlabelled",
    `${label}: an issue was opened without its label, so no run finds it again`,
    {
      fix: "give the token the right to set labels (Issues: write)",
    },
  );
}

/** Writes the content of a proposal about a credential. */
type ProposalWriter = (evaluated: EvaluatedCredential) => Promise<string>;

/** Undefined: this runner cannot propose anything. */
function proposalWriter(
  { inputs, ports }: World,
  { askForDay }: People,
  signal: AbortSignal,
): ProposalWriter | undefined {
  if (inputs.commit === undefined || askForDay === undefined) return undefined;
  let fetched: Promise<Inputs> | undefined;
  return async ({ name, source: seen }) => {
    // What people merged since this run began must not be taken back by a proposal.
    const { commit, documents } = await (fetched ??= ports.store.fetchInputs(signal));
    const source = documents.credentials.get(name);
    const isSame = source?.document.spec.rotatedAt === seen.document.spec.rotatedAt;
    const bytes =
      source === undefined || commit === undefined || !isSame
        ? undefined
        : await ports.store.readFile(commit, source.file);
    if (source !== undefined && bytes !== undefined) return askForDay(bytes, source.document);
    throw new CreError(
      "document-changed",
      `the document of ${name} has just changed, so nothing is proposed`,
      {
        fix: "the next run looks again",
      },
    );
  };
}

interface Performed extends Done {
  readonly opened?: ForgeIssue;
}

async function performAction(
  action: IssueAction,
  forge: Forge,
  limited: () => AbortSignal,
  propose: (action: Extract<IssueAction, { kind: "propose" }>) => Promise<Performed>,
): Promise<Performed> {
  switch (action.kind) {
    case "open": {
      const opened = await forge.createIssue(action.draft, limited());
      return { opened, number: opened.number };
    }
    case "change": {
      const { number, comment, change } = action;
      if (comment !== undefined) await forge.comment(number, comment, limited());
      if (change !== undefined) await forge.updateIssue(number, change, limited());
      return {};
    }
    case "propose":
      return propose(action);
    case "withdraw":
      // A pull request is an issue to the forge; one that is merged stays so.
      if (action.isOpen) await forge.updateIssue(action.number, { state: "closed" }, limited());
      return {};
  }
}

/** What was done, in one line; nothing where there was nothing to do. */
function doneLine(done: readonly IssueAction[], postponed: number): readonly ReportLine[] {
  const count = (word: string, of: (action: IssueAction) => boolean): readonly string[] => {
    const { length } = done.filter(of);
    return length === 0 ? [] : [`${length} ${word}`];
  };
  const words = [
    ...count("opened", ({ kind }) => kind === "open"),
    ...count("opened again", (action) => stateOf(action) === "open"),
    ...count("updated", (action) => stateOf(action) === "same"),
    ...count("closed", (action) => stateOf(action) === "closed"),
    ...count("proposed", ({ kind }) => kind === "propose"),
    ...(postponed === 0 ? [] : [`${postponed} left to the next runs`]),
  ];
  return words.length === 0 ? [] : [{ level: "info", text: `issues: ${words.join(", ")}` }];
}

/** What a change makes of the issue's state; undefined: it is no change. */
function stateOf(action: IssueAction): "open" | "closed" | "same" | undefined {
  return action.kind === "change" ? (action.change?.state ?? "same") : undefined;
}

/** The first of its findings that has an issue. */
function issueAbout({ findings }: EvaluatedCredential, { issues }: IssueBook): number | undefined {
  const [entry] = findings.flatMap(({ fingerprint }) => issues?.[findingKey(fingerprint)] ?? []);
  return entry?.number;
}
