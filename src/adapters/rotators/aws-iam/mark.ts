import { epochSeconds, type Instant, instantOf } from "../../../core/model/instant.ts";
import type { Mark } from "../../../core/ports/rotator.ts";

/** What the tag of a user says about one of its keys. `adopted`: the key was there before us. */
export interface KeyMark {
  readonly mark: Mark;
  readonly kind: "issued" | "adopted";
}

/** What the user's tag says about a key that is being made: by whom, since when, and which keys were there before. */
export interface IssueIntent {
  readonly mark: Mark;
  readonly since: Instant;
  readonly before: readonly string[];
}

/** Tag of the user while a key is made. */
export const INTENT_TAG = "cre/issuing";
const KEY_TAG = /^cre\/([A-Z0-9]{16,128})$/;

const ID = "[A-Za-z0-9._-]{1,80}";
const MARK = new RegExp(`^(${ID}):(${ID}):(\\d{1,15})(:adopted)?$`);
const INTENT = new RegExp(`^(${ID}):(${ID}):(\\d{1,15}):(\\d{1,12}):([A-Z0-9+]{0,100})$`);

/** The key that a tag's name is about, if it is one of our marks. */
export function taggedKey(name: string): string | undefined {
  return KEY_TAG.exec(name)?.[1];
}

export function writeMark({ mark, kind }: KeyMark): string {
  return `${wordsOf(mark)}${kind === "adopted" ? ":adopted" : ""}`;
}

/** A value that somebody else wrote under our name is no mark. */
export function readMark(value: string | undefined): KeyMark | undefined {
  const [, rotation, attempt, epoch, adopted] = MARK.exec(value ?? "") ?? [];
  if (rotation === undefined || attempt === undefined) return undefined;
  return {
    mark: { rotation, attempt, epoch: Number(epoch) },
    kind: adopted === undefined ? "issued" : "adopted",
  };
}

export function writeIntent({ mark, since, before }: IssueIntent): string {
  return `${wordsOf(mark)}:${Math.floor(epochSeconds(since))}:${before.join("+")}`;
}

export function readIntent(value: string | undefined): IssueIntent | undefined {
  const [, rotation, attempt, epoch, since, before] = INTENT.exec(value ?? "") ?? [];
  if (rotation === undefined || attempt === undefined) return undefined;
  return {
    mark: { rotation, attempt, epoch: Number(epoch) },
    since: instantOf(Number(since)),
    before: (before ?? "").split("+").filter((id) => id !== ""),
  };
}

function wordsOf({ rotation, attempt, epoch }: Mark): string {
  return `${rotation}:${attempt}:${epoch}`;
}
