import type { Mark } from "../../../core/ports/rotator.ts";

/**
 * `issued`: we made the password. `adopted`: it was there before us. `free`: the role holds no version, it waits for the
 * next one; this is how a revoked role is told from a deactivated one without the right to read `pg_authid`.
 */
export type MarkKind = "issued" | "adopted" | "free";

/** What the comment of a role says about the version in it. */
export interface RoleMark {
  readonly mark: Mark;
  readonly kind: MarkKind;
}

const ID = "[A-Za-z0-9._-]{1,80}";
const WHOLE_ID = new RegExp(`^${ID}$`);
const MARK = new RegExp(` ?\\[cre:(${ID}):(${ID}):(\\d{1,15})(?::(adopted|free))?\\]`, "g");

/**
 * Takes a role's comment apart: the words of people, and our mark if there is one. People may have written behind the
 * mark; their words are kept. The last mark counts.
 */
export function readComment(comment: string | null | undefined): {
  readonly text: string;
  readonly mark: RoleMark | undefined;
} {
  const all = comment ?? "";
  const last = [...all.matchAll(MARK)].at(-1);
  if (last === undefined) return { text: all, mark: undefined };
  const [, rotation = "", attempt = "", epoch, kind] = last;
  return {
    text: all.replaceAll(MARK, ""),
    mark: {
      mark: { rotation, attempt, epoch: Number(epoch) },
      kind: kind === "adopted" || kind === "free" ? kind : "issued",
    },
  };
}

/** The comment with the words of people as they were and this mark, the only one, at its end. */
export function writeComment(comment: string | null | undefined, { mark, kind }: RoleMark): string {
  const { text } = readComment(comment);
  const qualifier = kind === "issued" ? "" : `:${kind}`;
  if (![mark.rotation, mark.attempt].every((id) => WHOLE_ID.test(id))) {
    throw new Error(`an id that no mark can carry: ${mark.rotation}, ${mark.attempt}`);
  }
  const suffix = `[cre:${mark.rotation}:${mark.attempt}:${mark.epoch}${qualifier}]`;
  return text === "" ? suffix : `${text} ${suffix}`;
}

/**
 * The public identifier of the version in a role: the role's name for one that was there before us (marked or not),
 * `role@` and the end of the attempt's id for one that we made.
 */
export function handleOf(role: string, mark: RoleMark | undefined): string {
  return mark === undefined || mark.kind !== "issued" ? role : `${role}@${mark.mark.attempt.slice(-12)}`;
}
