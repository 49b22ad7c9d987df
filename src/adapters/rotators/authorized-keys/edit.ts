import { editAuthorizedKeys, LINE_LIMIT, type LineEdit } from "../../../core/authorized-keys/file.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { placeText } from "../../clients/ssh/failure.ts";
import { BESIDE } from "../../clients/ssh/files.ts";
import { signIn } from "../../clients/ssh/session.ts";
import { type AccountFile, FILE_LIMIT, isOwnAccount, readKeys } from "./account-file.ts";
import { asRefused, inDoubt } from "./failure.ts";
import { unlock } from "./file-lock.ts";
import { disarmGuard, prepareEdit, REVERT } from "./guard.ts";
import type { Site } from "./site.ts";

/** What is to become of a file. */
export interface Change {
  readonly edits: ReadonlyMap<number, LineEdit>;
  readonly added?: readonly string[];
}

/** How often a file is read anew that somebody else changes meanwhile. */
const TRIES = 3;

/**
 * Changes the account's file on one host, in one step, and proves that it lets in who it should; else it is as it was.
 * The host itself undoes the change when the proof does not come. `change` is asked for what to do with the file as it
 * is now, and may refuse. Resolves with whether anything was changed. Rejects with an EffectError: `refused` promises
 * that the file is as it was.
 */
export async function editFile(
  site: Site,
  file: AccountFile,
  change: (file: AccountFile) => Change,
  newKey: Secret | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  let isLocked = false;
  try {
    for (let tried = 0, now = file; tried < TRIES; tried += 1, now = await readAgain(now, signal)) {
      const { edits, added } = change(now);
      const text = editAuthorizedKeys(now.text, edits, added);
      if (text === now.text) return false;
      refuseTooLong(now, text, added ?? []);
      const isPrepared = await prepare(site, now, text, newKey, signal);
      isLocked = true;
      if (isPrepared && (await putInPlace(site, now, text, newKey, signal))) return true;
    }
  } finally {
    // One that stays locks out others for some minutes, and this credential not at all.
    if (isLocked) await unlock(file.session, file.path, signal).catch(() => undefined);
  }
  throw new EffectError(
    "refused",
    "file-changed",
    `${placeText(file.session.place)}: somebody keeps changing ${file.path}`,
    {
      fix: "find out what writes the file (configuration management?), and let it leave it alone; if nothing does, look for a ChrootDirectory in its sshd_config",
    },
  );
}

async function prepare(
  site: Site,
  { session, path, text: before }: AccountFile,
  after: string,
  newKey: Secret | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const texts = { before: Buffer.from(before, "latin1"), after: Buffer.from(after, "latin1") };
  const seconds = newKey === undefined ? undefined : site.guardSeconds;
  return prepareEdit(session, site.credential, path, texts, seconds, signal);
}

async function readAgain(file: AccountFile, signal: AbortSignal): Promise<AccountFile> {
  return { ...file, ...(await readKeys(file.session, file.path, signal)) };
}

/** False: somebody else changed the file before the step, which then was not made. */
async function putInPlace(
  site: Site,
  file: AccountFile,
  text: string,
  newKey: Secret | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { session, path } = file;
  const beside = `${path}${BESIDE}`;
  const bytes = { before: Buffer.from(file.text, "latin1"), after: Buffer.from(text, "latin1") };
  try {
    await session.files.overwrite(beside, bytes.after, signal);
    const found = await session.files.read(path, FILE_LIMIT, signal);
    if (found?.equals(bytes.before) !== true) {
      await dropTraces(file, signal);
      return false;
    }
  } catch (error) {
    await dropTraces(file, signal).catch(() => undefined);
    throw asRefused(error);
  }
  try {
    await session.files.rename(beside, path, signal);
  } catch (error) {
    // A refusal by the server is one: a step that is made whole or not at all.
    if (error instanceof EffectError && error.outcome === "refused") {
      await dropTraces(file, signal).catch(() => undefined);
    }
    throw error;
  }
  try {
    await prove(site, file, newKey, signal);
  } catch (error) {
    throw (await putBack(file, bytes.after, signal)) ? asRefused(error) : inDoubt(error, []);
  }
  try {
    await disarmGuard(session, path, signal);
  } catch (error) {
    throw inDoubt(error, []);
  }
  return true;
}

/**
 * The new key, or else the runner's own where it is in the same file, gets in: sshd reads the file and likes its owner
 * and mode.
 */
async function prove(
  site: Site,
  { target, session }: AccountFile,
  newKey: Secret | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (newKey !== undefined) {
    await proveLogin(site, target, newKey, signal);
    return;
  }
  if (!isOwnAccount(site, session)) return;
  const key = await site.ports.secrets.read(target.connection.key);
  (await signIn(target, { user: session.place.user, key }, site.ports, signal)).close();
}

/** Signs in as the account with this key and no other, and remembers that this was us. */
export async function proveLogin(
  site: Site,
  target: AccountFile["target"],
  key: Secret,
  signal: AbortSignal,
): Promise<void> {
  try {
    const session = await signIn(target, { user: site.provider.user, key }, site.ports, signal);
    site.probes.push({ host: target.name, port: session.localPort });
    session.close();
  } catch (error) {
    if (!(error instanceof CreError) || error.code !== "login-refused") throw error;
    throw new EffectError("refused", "new-key-refused", `${target.name} does not let the new key in`, {
      evidence: error.evidence ?? error.message,
      fix: "look into its sshd log: a `from=` that leaves this runner out, another AuthorizedKeysFile, StrictModes, or a kind of key that it does not accept (PubkeyAcceptedAlgorithms)",
    });
  }
}

/** Undoes a change at once, if the file still is what we wrote. True: it is as it was. */
async function putBack(
  { session, path }: AccountFile,
  written: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const found = await session.files.read(path, FILE_LIMIT, signal);
    if (found?.equals(written) !== true) return false;
    await session.files.rename(`${path}${REVERT}`, path, signal);
    return true;
  } catch {
    return false;
  }
}

async function dropTraces({ session, path }: AccountFile, signal: AbortSignal): Promise<void> {
  await session.files.remove(`${path}${BESIDE}`, signal);
  await disarmGuard(session, path, signal);
}

function refuseTooLong({ session, path }: AccountFile, text: string, added: readonly string[]): void {
  const tooLong = added.some((line) => line.length > LINE_LIMIT) || text.length > FILE_LIMIT;
  if (!tooLong) return;
  throw new EffectError(
    "refused",
    "line-too-long",
    `${placeText(session.place)}: the new line would be too long for sshd to read in ${path}`,
    { evidence: `more than ${LINE_LIMIT} bytes`, fix: "shorten its options", retryable: false },
  );
}
