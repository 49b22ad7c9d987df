import type { Secret } from "../../../core/model/secret.ts";
import type { Mark } from "../../../core/ports/rotator.ts";
import { checkOf } from "./secret-text.ts";

/** What a client's attributes say of one of its secrets. Times are seconds since 1970, as Keycloak's own are. */
export interface VersionNote {
  readonly handle: string;
  readonly createdAt: number;
  readonly mark: Mark;
  /** When it ends as the current secret: for when it becomes that again. */
  readonly own?: number;
  /** It is deactivated; its end in the rotated slot, for when it is made live again. */
  readonly asleep?: number;
}

/** `filler`: nobody has this secret, it only takes the place of one that is gone. */
export type SlotNote = VersionNote | "filler";

const ID = /^[A-Za-z0-9._-]{1,80}$/;
const COUNT = /^(0|[1-9]\d{0,14})$/;
const FILLER = "filler";

/** The text of an attribute; `client` is Keycloak's own id of the client. */
export function writeNote(note: SlotNote, client: string, secret: Secret): string {
  if (note === "filler") {
    return new URLSearchParams({ kind: FILLER, check: checkFor(secret, client, FILLER) }).toString();
  }
  const { handle, createdAt, mark, own, asleep } = note;
  return new URLSearchParams({
    handle,
    created: String(createdAt),
    rotation: mark.rotation,
    attempt: mark.attempt,
    epoch: String(mark.epoch),
    ...(own === undefined ? {} : { own: String(own) }),
    ...(asleep === undefined ? {} : { asleep: String(asleep) }),
    check: checkFor(secret, client, handle),
  }).toString();
}

/** What the attribute says of this secret; undefined where it is about another one, or is none of ours. */
export function readNote(text: string | undefined, client: string, secret: Secret): SlotNote | undefined {
  const fields = new URLSearchParams(text ?? "");
  const word = (name: string): string | undefined => {
    const value = fields.get(name);
    return value !== null && ID.test(value) ? value : undefined;
  };
  const count = (name: string): number | undefined => {
    const value = fields.get(name);
    return value !== null && COUNT.test(value) ? Number(value) : undefined;
  };
  const check = word("check");
  if (word("kind") === FILLER) return check === checkFor(secret, client, FILLER) ? "filler" : undefined;
  const [handle, rotation, attempt] = [word("handle"), word("rotation"), word("attempt")];
  const [createdAt, epoch, own, asleep] = [count("created"), count("epoch"), count("own"), count("asleep")];
  if (handle === undefined || check !== checkFor(secret, client, handle)) return undefined;
  if (rotation === undefined || attempt === undefined || epoch === undefined || createdAt === undefined) {
    return undefined;
  }
  return {
    handle,
    createdAt,
    mark: { rotation, attempt, epoch },
    ...(own === undefined ? {} : { own }),
    ...(asleep === undefined ? {} : { asleep }),
  };
}

/** The handle that the attribute is about, whatever has become of its secret. */
export function notedHandle(text: string | undefined): string | undefined {
  const handle = new URLSearchParams(text ?? "").get("handle");
  return handle !== null && ID.test(handle) ? handle : undefined;
}

function checkFor(secret: Secret, client: string, about: string): string {
  return checkOf(secret, `${client} ${about}`);
}
