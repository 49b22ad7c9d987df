import type { IssueDraft } from "../ports/forge.ts";
import type { IssueBook, IssueEntry, ProposalEntry } from "../state/issue-book.ts";
import type { IssueKey } from "./markers.ts";

/** What the book says of an issue once its number is known. */
export type EntryDraft = Omit<IssueEntry, "number">;

/** One thing to do at the forge. What it means for the book is said by `settled`. */
export type IssueAction =
  | {
      readonly kind: "open";
      readonly key: IssueKey;
      readonly draft: IssueDraft;
      readonly entry: EntryDraft;
    }
  | {
      readonly kind: "change";
      readonly key: IssueKey;
      readonly number: number;
      /** Said before the change, so that who is told of it finds the reason. */
      readonly comment?: string;
      readonly change?: Partial<IssueDraft> & {
        readonly state?: "open" | "closed";
        readonly reason?: "completed" | "not-planned" | "duplicate";
      };
      /** What the book says afterwards: `keep` what it says now, or nothing any more (`drop`). */
      readonly entry: EntryDraft | "keep" | "drop";
    }
  | {
      /** A pull request that only needs the day of the rotation. */
      readonly kind: "propose";
      readonly credential: string;
      readonly branch: string;
    }
  | {
      /** Its rotation is written down, or over: nobody needs the pull request any more. */
      readonly kind: "withdraw";
      readonly credential: string;
      readonly number: number;
      /** It was when the forge was last asked; else there is nothing to close. */
      readonly isOpen: boolean;
    };

/** Requests that write; a proposal is a branch, a file, a pull request and its labels. */
export function writesOf(action: IssueAction): number {
  switch (action.kind) {
    case "open":
      return 1;
    case "withdraw":
      return action.isOpen ? 1 : 0;
    case "propose":
      return 4;
    case "change":
      return (action.comment === undefined ? 0 : 1) + (action.change === undefined ? 0 : 1);
  }
}

/** What came of an action: the number of the issue, or the proposal. */
export interface Done {
  readonly number?: number;
  readonly proposal?: ProposalEntry;
}

/** The book after an action was done. */
export function settled(book: IssueBook, action: IssueAction, done: Done = {}): IssueBook {
  switch (action.kind) {
    case "open":
      return done.number === undefined
        ? book
        : withEntry(book, action.key, { ...action.entry, number: done.number });
    case "change": {
      if (action.entry === "keep") return book;
      const entry = action.entry === "drop" ? undefined : { ...action.entry, number: action.number };
      return withEntry(book, action.key, entry);
    }
    case "propose":
      return done.proposal === undefined ? book : withProposal(book, action.credential, done.proposal);
    case "withdraw":
      return withProposal(book, action.credential, undefined);
  }
}

function withEntry(book: IssueBook, key: IssueKey, entry: IssueEntry | undefined): IssueBook {
  const { [key]: _before, ...others } = book.issues ?? {};
  return { ...book, issues: entry === undefined ? others : { ...others, [key]: entry } };
}

function withProposal(book: IssueBook, credential: string, entry: ProposalEntry | undefined): IssueBook {
  const { [credential]: _before, ...others } = book.proposals ?? {};
  return { ...book, proposals: entry === undefined ? others : { ...others, [credential]: entry } };
}
