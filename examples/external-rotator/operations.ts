import { type Backend, type Mark, Refusal, type Version } from "./contract.ts";
import {
  type Fence,
  fenceOf,
  handlesOf,
  type Message,
  markOf,
  partsOf,
  sinceOf,
  versionOf,
} from "./message.ts";

type Result = Readonly<Record<string, unknown>>;
type Operation = (backend: Backend, message: Message, versions: readonly Version[]) => Promise<Result>;

/**
 * The operations of the contract over a backend. All comparisons of marks are here, between the look at what is there
 * and the change, so a backend need not know what they are for; it is called for one request at a time.
 */
export async function perform(backend: Backend, message: Message): Promise<Result> {
  const operation = OPERATIONS.get(message.operation);
  if (operation === undefined || !offers(backend).includes(message.operation)) {
    throw new Refusal(422, "operation-unknown", "this server has no such operation");
  }
  const versions = await backend.versions(message.object);
  if (versions === undefined) {
    throw new Refusal(404, "object-unknown", "there is no such object", "correct `object` in the document");
  }
  return operation(backend, message, versions);
}

const ALWAYS = ["describe", "observe", "adopt", "issue", "verify", "revoke"] as const;

/** The names of the operations that this backend can do. */
function offers(backend: Backend): readonly string[] {
  return [
    ...ALWAYS,
    ...(backend.lastUse === undefined ? [] : ["in-use"]),
    ...(backend.setLive === undefined ? [] : ["deactivate", "reactivate"]),
    ...(backend.contain === undefined ? [] : ["contain"]),
  ];
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["describe", async (backend) => describe(backend)],
  ["observe", async (_, __, versions) => ({ versions })],
  ["adopt", adopt],
  ["issue", issue],
  ["verify", verify],
  ["in-use", inUse],
  ["deactivate", async (backend, message, versions) => setLive(false, backend, message, versions)],
  ["reactivate", async (backend, message, versions) => setLive(true, backend, message, versions)],
  ["revoke", revoke],
  ["contain", contain],
]);

function describe(backend: Backend): Result {
  const { parts, publicParts = [], slots } = backend;
  return { operations: offers(backend), parts, publicParts, slots };
}

async function adopt(backend: Backend, message: Message, versions: readonly Version[]): Promise<Result> {
  const version = present(message, versions);
  const mark = markOf(message);
  checkFence(version, { expected: null, next: mark });
  await backend.setMark(message.object, version.handle, mark);
  return after(backend, message);
}

async function issue(backend: Backend, message: Message, versions: readonly Version[]): Promise<Result> {
  const mark = markOf(message);
  if (versions.some((version) => version.mark !== null && sameVersion(version.mark, mark))) {
    // The secret is known to nobody any more: the runner removes the version and makes another.
    throw new Refusal(409, "already-issued", "this attempt has its version already");
  }
  const newest = Math.max(0, ...versions.map((version) => version.mark?.epoch ?? 0));
  if (newest > mark.epoch) throw fenced();
  const unknown = versions.filter((version) => !handlesOf(message).includes(version.handle));
  const taken = new Set(versions.map((version) => version.slot));
  const slots = Array.from({ length: backend.slots }, (_, at) => String(at + 1));
  const slot = slots.find((one) => !taken.has(one));
  if (slot === undefined) {
    throw new Refusal(
      422,
      "no-free-slot",
      `all ${backend.slots} are taken, and not known to the runner: ${unknown.map(({ handle }) => handle).join(", ") || "none"}`,
      "find out whose they are and remove what nobody needs",
    );
  }
  const { handle, createdAt, expiresAt, parts } = await backend.create(message.object, slot, mark);
  const issued = { handle, slot, createdAt, ...(expiresAt === undefined ? {} : { expiresAt }), parts };
  return { issued, ...(await after(backend, message)) };
}

async function verify(backend: Backend, message: Message, versions: readonly Version[]): Promise<Result> {
  const { handle } = versionOf(message);
  const parts = partsOf(message);
  const isThere = versions.some((version) => version.handle === handle);
  const accepted = isThere && (await backend.accepts(message.object, handle, parts));
  return accepted
    ? { accepted }
    : { accepted, detail: isThere ? "its parts were refused" : "there is no such version" };
}

async function inUse(backend: Backend, message: Message, versions: readonly Version[]): Promise<Result> {
  const since = sinceOf(message);
  const { handle } = present(message, versions);
  const last = await backend.lastUse?.(message.object, handle);
  if (last?.known !== true) {
    return { use: { kind: "unknown", detail: last?.why ?? "nothing records its use" } };
  }
  const { at, sampled } = last;
  const detail = at === null ? "never used" : `last used at ${at}`;
  if (at !== null && at >= since) return { use: { kind: "used", at, detail } };
  return { use: { kind: "silent", sampled, detail } };
}

async function setLive(
  live: boolean,
  backend: Backend,
  message: Message,
  versions: readonly Version[],
): Promise<Result> {
  const version = present(message, versions);
  const fence = fenceOf(message);
  checkFence(version, fence);
  await backend.setLive?.(message.object, version.handle, live, fence.next);
  return after(backend, message);
}

/** Absent is success: the request may come again after its answer was lost. */
async function revoke(backend: Backend, message: Message, versions: readonly Version[]): Promise<Result> {
  const { handle } = versionOf(message);
  const fence = fenceOf(message);
  const version = versions.find((one) => one.handle === handle);
  if (version !== undefined) {
    checkFence(version, fence);
    await backend.remove(message.object, handle);
  }
  return after(backend, message);
}

/** The version is gone or going; what it minted may still be there. */
async function contain(backend: Backend, message: Message): Promise<Result> {
  const { handle } = versionOf(message);
  return { evidence: (await backend.contain?.(message.object, handle, sinceOf(message))) ?? [] };
}

/** What is there now: the runner believes an effect only when it sees it. */
async function after(backend: Backend, { object }: Message): Promise<Result> {
  return { versions: (await backend.versions(object)) ?? [] };
}

function present(message: Message, versions: readonly Version[]): Version {
  const { handle } = versionOf(message);
  const version = versions.find((one) => one.handle === handle);
  if (version === undefined) throw new Refusal(422, "version-gone", `there is no version ${handle}`);
  return version;
}

/** An effect needs the mark that it expects, or its own from an earlier time, and no newer run may have acted. */
function checkFence({ handle, mark }: Version, { expected, next }: Fence): void {
  const fits =
    mark === null
      ? expected === null
      : (expected !== null && sameVersion(mark, expected)) || sameVersion(mark, next);
  if (!fits) {
    throw new Refusal(
      422,
      "foreign-mark",
      `the version ${handle} carries ${mark === null ? "no mark" : `the mark of another rotation or attempt (${mark.rotation}, ${mark.attempt})`}`,
      "find out who else changes it: another repository, or a person",
    );
  }
  if (mark !== null && mark.epoch > next.epoch) throw fenced();
}

/** The epoch only says who acted last. */
function sameVersion(a: Mark, b: Mark): boolean {
  return a.rotation === b.rotation && a.attempt === b.attempt;
}

function fenced(): Refusal {
  return new Refusal(422, "fenced", "a newer run has acted here", "nothing: the newer run goes on");
}
