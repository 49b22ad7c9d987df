import type { LineEdit } from "../../../core/authorized-keys/file.ts";
import type { LineMark } from "../../../core/authorized-keys/key-line.ts";
import type { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark } from "../../../core/ports/rotator.ts";
import * as fence from "../../../core/rotation/fence.ts";
import type { AccountFile, HostKeyLine } from "./account-file.ts";
import type { Site } from "./site.ts";

/**
 * May an effect act on this line? Refuses a mark that is neither the expected one nor the one that the effect leaves
 * behind, and a run that is older than the mark. A file is compared right before it is replaced, so nobody comes in
 * between but in the moment of the step itself.
 */
export function refuseForeign(line: HostKeyLine, { target }: AccountFile, { expected, next }: Fence): void {
  const present = line.mark?.mark;
  const fits =
    present === undefined
      ? expected === undefined
      : fence.sameVersion(present, expected) || fence.sameVersion(present, next);
  if (!fits) throw foreignMark(line, target.name, expected);
  fence.refuseStale(`${line.fingerprint} on ${target.name}`, present, next.epoch);
}

/** Somebody else's mark, or the lack of ours. Needs a person. */
export function foreignMark(line: HostKeyLine, host: string, expected: Mark | undefined): EffectError {
  const fix = "find out who changed the comment of its line: another run, another repository, or a person";
  return fence.foreignMark(`the key ${line.fingerprint} on ${host}`, line.mark?.mark, expected, fix);
}

/** The mark as it stands in a line. */
export function lineMark({ credential }: Site, mark: Mark): LineMark {
  return { credential, mark };
}

/** The same edit for each of these lines. */
export function editsOf(lines: readonly HostKeyLine[], edit: LineEdit): ReadonlyMap<number, LineEdit> {
  return new Map(lines.map(({ at }) => [at, edit]));
}
