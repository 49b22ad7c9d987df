import type { Static } from "typebox";
import { AlertBook } from "./alert-book.ts";
import { DiscoveryBook } from "./discovery-book.ts";
import { IssueBook } from "./issue-book.ts";
import { ReviewBook } from "./review-book.ts";

/** The machine's files that are about the whole repository, by the name of their file on the state branch. */
export const BOOKS = {
  alerts: AlertBook,
  discovery: DiscoveryBook,
  issues: IssueBook,
  reviews: ReviewBook,
} as const;

export type BookName = keyof typeof BOOKS;

/** A missing one has nothing in it yet. */
export type Books = { readonly [N in BookName]?: Static<(typeof BOOKS)[N]> };

/** Every name, in the order of files. */
export const BOOK_NAMES: readonly BookName[] = ["alerts", "discovery", "issues", "reviews"];
