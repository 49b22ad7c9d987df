import type { Mark } from "../../../core/ports/rotator.ts";

/**
 * The longest that Graph keeps of a credential's display name; it cuts what is longer, so that a mark would not be known
 * again (reference of keyCredential, whose names are kept in the same way).
 */
const LONGEST_NAME = 90;
const ID = "[A-Za-z0-9._-]{1,80}";
const MARK = `(${ID}):(${ID}):(\\d{1,15})`;
const NAME = new RegExp(`^cre:${MARK}$`);
const TAG = new RegExp(`^cre:([0-9a-f-]{36}):${MARK}$`);

/** The display name of a client secret that we make. */
export function markName(mark: Mark): string {
  const name = `cre:${wordsOf(mark)}`;
  if (name.length > LONGEST_NAME) throw new Error(`the mark is longer than ${LONGEST_NAME} characters`);
  return name;
}

/** The mark in a client secret's display name; a name that people gave is none. */
export function readName(name: string | undefined): Mark | undefined {
  const [, ...words] = NAME.exec(name ?? "") ?? [];
  return markIn(words);
}

/** The tag of an application that marks a client secret which was there before us: its name cannot be changed. */
export function markTag(keyId: string, mark: Mark): string {
  return `cre:${keyId}:${wordsOf(mark)}`;
}

export interface TagMark {
  readonly keyId: string;
  readonly mark: Mark;
}

/** What a tag says of which client secret; undefined for tags of others. */
export function readTag(tag: string): TagMark | undefined {
  const [, keyId = "", ...words] = TAG.exec(tag) ?? [];
  const mark = markIn(words);
  return mark === undefined ? undefined : { keyId, mark };
}

function wordsOf({ rotation, attempt, epoch }: Mark): string {
  return `${rotation}:${attempt}:${epoch}`;
}

function markIn([rotation, attempt, epoch]: readonly string[]): Mark | undefined {
  if (rotation === undefined || attempt === undefined) return undefined;
  return { rotation, attempt, epoch: Number(epoch) };
}
