import type { Level } from "../evaluate/finding.ts";
import type { ForgeIssue, IssueDraft } from "../ports/forge.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { Before, IssueEntry } from "../state/issue-book.ts";
import type { EntryDraft, IssueAction } from "./issue-action.ts";
import { isAllTicked, withTicks } from "./markdown-parts.ts";
import { type IssueKey, LABEL } from "./markers.ts";
import { rankOf } from "./wanted-issues.ts";

/** After so many times that people closed it as not planned, an issue stays closed until its level rises. */
const REFUSALS = 2;
/** Issues that are made in the place of one that is gone. */
const AGAIN = 2;

/** What is known of the issue about one thing. */
export interface IssueView {
  readonly entry: IssueEntry | undefined;
  /** As the forge shows it now; undefined: the forge does not list it. */
  readonly issue: ForgeIssue | undefined;
}

/** An issue that is to be open. */
export interface WantedIssue {
  readonly key: IssueKey;
  readonly level: Level;
  /** Made only when it is needed. */
  readonly draft: () => IssueDraft;
  /** One encoded sentence for comments: what is still true. */
  readonly says: () => string;
  /** Of the finding. */
  readonly code?: string;
  readonly credential?: string;
  readonly before?: Before;
}

/** What one issue needs: at most one action, or only a note in the book (`drop`: nothing more is to be known of it). */
export interface Step {
  readonly action?: IssueAction;
  readonly note?: IssueEntry | "drop";
}

const NOTHING: Step = {};

/** Opens, updates or opens again; respects people who closed it twice. */
export function keepOpen(wanted: WantedIssue, { entry, issue }: IssueView, sha256: Sha256): Step {
  if (issue === undefined) {
    // Where people deleted it, or took its label away: what they had closed for good does not come back so.
    if (entry?.refusedAt !== undefined) return NOTHING;
    const again = timesAgain(entry);
    if (again === undefined) return NOTHING;
    const draft = wanted.draft();
    const facts = { ...entryOf(wanted, draft, sha256), ...again };
    return { action: { kind: "open", key: wanted.key, draft, entry: facts } };
  }
  return issue.state === "open"
    ? keepUpToDate(wanted, entry, issue, sha256)
    : openAgain(wanted, entry, issue, sha256);
}

/** An issue that the forge shows no more is opened again, but not for ever; undefined: that was enough. */
export function timesAgain(entry: IssueEntry | undefined): Pick<EntryDraft, "madeAgain"> | undefined {
  if (entry === undefined) return {};
  const madeAgain = (entry.madeAgain ?? 0) + 1;
  return madeAgain > AGAIN ? undefined : { madeAgain };
}

function keepUpToDate(
  wanted: WantedIssue,
  entry: IssueEntry | undefined,
  issue: ForgeIssue,
  sha256: Sha256,
): Step {
  const draft = wanted.draft();
  const { toldTicked, refusals, ...fresh } = { ...carried(entry), ...entryOf(wanted, draft, sha256) };
  const tellTicked =
    toldTicked === undefined && isAllTicked(issue.body) && isAllTicked(withTicks(draft.body, issue.body));
  const next: EntryDraft = {
    ...fresh,
    // Who opens again what people had closed for good starts anew.
    ...(refusals === undefined || entry?.refusedAt !== undefined ? {} : { refusals }),
    ...(tellTicked || toldTicked === true ? { toldTicked: true } : {}),
  };
  const known = entry === undefined ? saysSame(issue, draft) : entry.hash === next.hash;
  if (known && !tellTicked) return noted({ ...next, number: issue.number }, entry);
  return {
    action: {
      kind: "change",
      key: wanted.key,
      number: issue.number,
      ...(tellTicked ? { comment: `Every point is ticked, but it is not over: ${wanted.says()}` } : {}),
      ...(known ? {} : { change: changeTo(draft, issue, entry) }),
      entry: next,
    },
  };
}

/** A comment says once why it is back, and what people can do other than close it. */
function openAgain(
  wanted: WantedIssue,
  entry: IssueEntry | undefined,
  issue: ForgeIssue,
  sha256: Sha256,
): Step {
  const { key, level, credential } = wanted;
  const back = (comment: string, facts: Partial<EntryDraft> = {}): Step => {
    const draft = wanted.draft();
    return {
      action: {
        kind: "change",
        key,
        number: issue.number,
        comment,
        change: { ...changeTo(draft, issue, entry), state: "open" },
        entry: { ...entryOf(wanted, draft, sha256), ...facts },
      },
    };
  };
  if (entry === undefined) return back(`It is true again: ${wanted.says()}`);
  if (entry.inDigest === true) return back("Told on its own again: its owner has few enough violations.");
  if (entry.refusedAt !== undefined) {
    return rankOf(level) > rankOf(entry.refusedAt)
      ? back(`Its level has risen to ${level}: ${wanted.says()}`)
      : NOTHING;
  }
  const ask = askFor(credential);
  if (issue.closedAs === "completed") {
    const { refusals } = entry;
    const facts = refusals === undefined ? {} : { refusals };
    return back(`Closed as completed, but it is not over: ${wanted.says()} ${ask}`, facts);
  }
  const refusals = (entry.refusals ?? 0) + 1;
  if (refusals >= REFUSALS) return { note: { ...entry, number: issue.number, refusals, refusedAt: level } };
  return back(
    `Closed, but still true: ${wanted.says()} ${ask} Closed as not planned once more, it stays closed until its level rises.`,
    { refusals },
  );
}

function askFor(credential: string | undefined): string {
  const name = credential ?? "NAME";
  return `If it has to wait, ask for an exception (\`cre except\`, for ${name}) or, for quiet of up to two weeks, a snooze (\`cre snooze\`).`;
}

/** An issue whose finding goes on, but which the owner's digest tells now. */
export function keepClosed(key: IssueKey, { entry, issue }: IssueView, digest: number): Step {
  if (issue === undefined) return NOTHING;
  // Whoever opens it again wants it open.
  if (entry?.inDigest === true) return NOTHING;
  const next: EntryDraft = { hash: entry?.hash ?? "", ...carried(entry), inDigest: true };
  if (issue.state === "open") {
    return {
      action: {
        kind: "change",
        key,
        number: issue.number,
        comment: `Its owner has so many violations that the digest #${digest} tells them all. It is opened again when they are fewer.`,
        change: { state: "closed", reason: "not-planned" },
        entry: next,
      },
    };
  }
  return entry === undefined || entry.refusedAt !== undefined
    ? NOTHING
    : noted({ ...next, number: issue.number }, entry);
}

/** What stays known of an issue when it is told something new. */
function carried(entry: IssueEntry | undefined): Partial<EntryDraft> {
  if (entry === undefined) return {};
  const { number: _number, refusedAt: _refusedAt, inDigest: _inDigest, unproven: _unproven, ...rest } = entry;
  return rest;
}

function entryOf({ code, credential, before }: WantedIssue, draft: IssueDraft, sha256: Sha256): EntryDraft {
  const { title, body, labels, assignees } = draft;
  const [assignee] = assignees;
  return {
    hash: sha256(JSON.stringify([title, body, labels, assignees])).slice(0, 16),
    ...(code === undefined ? {} : { code }),
    ...(credential === undefined ? {} : { credential }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(before === undefined ? {} : { before }),
  };
}

/** Labels and assignees that people added stay; those that we set before make room for the new ones. */
function changeTo(draft: IssueDraft, issue: ForgeIssue, entry: IssueEntry | undefined): Partial<IssueDraft> {
  const labels = [...new Set([...draft.labels, ...issue.labels.filter((label) => !isOurs(label))])];
  const change = { title: draft.title, body: withTicks(draft.body, issue.body), labels };
  if (entry === undefined || entry.assignee === draft.assignees[0]) return change;
  const others = issue.assignees.filter((login) => login !== entry.assignee);
  return { ...change, assignees: [...new Set([...draft.assignees, ...others])] };
}

function isOurs(label: string): boolean {
  return label === LABEL || label.startsWith(`${LABEL}/`);
}

function saysSame({ title, body }: ForgeIssue, draft: IssueDraft): boolean {
  return title === draft.title && body.replaceAll("\r\n", "\n") === withTicks(draft.body, body);
}

function noted(next: IssueEntry, entry: IssueEntry | undefined): Step {
  return entry !== undefined && sameEntry(next, entry) ? NOTHING : { note: next };
}

function sameEntry(a: IssueEntry, b: IssueEntry): boolean {
  return inOrder(a) === inOrder(b);
}

function inOrder(entry: IssueEntry): string {
  return JSON.stringify(Object.entries(entry).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
