import { basename, join } from "node:path";
import { remaining, renderable, renderValues } from "../../../core/delivery/render-values.ts";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { SecretParts } from "../../../core/model/secret.ts";
import type { BoundDelivery, Delivery, Held } from "../../../core/ports/delivery.ts";
import {
  currentAttempt,
  isClosed,
  parseStaged,
  type StagedVersion,
  showsVersion,
  stagedText,
  withVersion,
} from "./env-text.ts";
import { assignmentLine, VARIABLE_NAME } from "./env-value.ts";
import { failed, refused } from "./failure.ts";
import { type FileSystem, systemFiles } from "./file-system.ts";
import {
  type Content,
  type Place,
  readContent,
  removeFile,
  removeLeftovers,
  replaceFile,
} from "./replace-file.ts";
import { checkPathText, inFolder } from "./safe-folder.ts";

/** How often a file that others write at the same time is read again. */
const TRIES = 10;

/**
 * The `env-file` delivery: variables of a file on the runner's host. A new version is staged in a hidden file beside
 * it (mode 0600) and promoted by one rename, so that any later run can promote it without the secret. The file names
 * the attempt it holds; whether an application has read it, it cannot say.
 */
export const envFileDelivery: Delivery = createEnvFileDelivery(systemFiles);

/** The delivery on another file system. */
export function createEnvFileDelivery(files: FileSystem): Delivery {
  return {
    kind: "env-file",
    connections: () => [],
    stages: () => true,
    bind: async (name, _, entry, { paths }) => bindEnvFile(name, entry, paths, files),
  };
}

/** The two names of a credential in a safe folder. */
interface Places {
  readonly credential: string;
  readonly target: Place;
  readonly staged: Place;
}

function bindEnvFile(
  credential: string,
  entry: DeliverEntry,
  paths: readonly string[],
  files: FileSystem,
): BoundDelivery {
  const spec = entry["env-file"];
  if (spec === undefined) throw new Error("bound to an entry of another kind");
  const { path, values } = spec;
  const wrong = Object.keys(values).find((name) => !VARIABLE_NAME.test(name));
  if (wrong !== undefined) {
    throw new CreError("env-file-name", `${credential}: ${JSON.stringify(wrong)} is no name of a variable`, {
      fix: "use letters, digits and _, with no digit first",
    });
  }
  checkPathText(path, paths);
  const within = async <T>(signal: AbortSignal, act: (places: Places) => Promise<T>): Promise<T> => {
    if (signal.aborted) {
      throw new EffectError("refused", "env-file-interrupted", `env-file: ${path}: interrupted`);
    }
    return inFolder(files, path, paths, async (folder) => {
      const name = basename(path);
      // Hidden, so that no pattern such as `*.env` finds what is staged.
      const stem = `${name.startsWith(".") ? "" : "."}${name}.${credential}`;
      const place = { files, folder, path, temporary: `${stem}.cre-new-` };
      return act({
        credential,
        target: { ...place, name },
        staged: { ...place, name: `${stem}.cre-staged` },
      });
    });
  };
  return {
    label: `env-file ${path}`,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async (signal) => within(signal, async (places) => check(places, Object.keys(values))),
    stage: async ({ attempt, unfinished }, parts, signal) =>
      within(signal, async (places) =>
        stage(places, { attempt, assignments: linesOf(renderable(values, parts, unfinished), parts) }),
      ),
    completes: true,
    promote: async ({ attempt }, signal, certificate) =>
      within(signal, async (places) =>
        promote(places, attempt, (staged) => completed(path, values, staged, certificate)),
      ),
    abort: async ({ attempt }, signal) => within(signal, async (places) => abort(places, attempt)),
    holds: async (signal) =>
      within(signal, held).catch((error: unknown) => {
        if (error instanceof EffectError) return "unknown";
        throw error;
      }),
  };
}

function linesOf(values: Readonly<Record<string, string>>, parts: SecretParts): ReadonlyMap<string, string> {
  try {
    return new Map(
      [...renderValues(values, parts)].map(([name, value]) => [name, assignmentLine(name, value)]),
    );
  } catch (error) {
    if (!(error instanceof CreError) || error instanceof EffectError) throw error;
    const { code, message, evidence, fix } = error;
    throw new EffectError("refused", code, message, { ...detailsOf(evidence, fix), retryable: false });
  }
}

function detailsOf(
  evidence: string | undefined,
  fix: string | undefined,
): { evidence?: string; fix?: string } {
  return { ...(evidence === undefined ? {} : { evidence }), ...(fix === undefined ? {} : { fix }) };
}

/** Everything that can be known before the first write. */
async function check({ credential, target, staged }: Places, names: readonly string[]): Promise<void> {
  const { files, folder, path } = target;
  try {
    await files.mayWriteIn(folder.at("."));
  } catch (error) {
    throw failed(path, "nothing can be written in its folder", error, "refused");
  }
  if (await files.isMountPoint(join(folder.real, target.name))) {
    throw refused(
      "env-file-mounted",
      `env-file: ${path} is a mount of its own, so it cannot be replaced at once`,
      {
        fix: "mount its folder instead of the file",
      },
    );
  }
  const content = await readContent(target);
  await readContent(staged);
  for (const value of ["''", '""']) {
    const assignments = new Map(names.map((name) => [name, `${name}=${value}`]));
    edited(target, content, credential, { attempt: "preflight", assignments });
  }
  const { uid, gid } =
    process.getuid === undefined ? {} : { uid: process.geteuid?.(), gid: process.getegid?.() };
  if (content === undefined || uid === undefined || uid === 0) return;
  const groups = [gid, ...(process.getgroups?.() ?? [])];
  if (Number(content.facts.uid) === uid && groups.includes(Number(content.facts.gid))) return;
  throw refused("env-file-owner", `env-file: ${path} belongs to another user or group than the runner's`, {
    evidence: `owner ${content.facts.uid}:${content.facts.gid}, runner ${uid}`,
    fix: "let the runner's user own it: only root can hand a new file to somebody else",
  });
}

async function stage({ credential, target, staged }: Places, version: StagedVersion): Promise<void> {
  await removeLeftovers(staged);
  const content = await readContent(target);
  if (attemptIn(content, credential) === version.attempt) return;
  edited(target, content, credential, version);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await readContent(staged);
    if (await replaceFile(staged, stagedText(credential, version), before?.facts, undefined)) return;
  }
  throw alwaysChanging(staged.path);
}

/** What is staged, with the variables that a certificate completes; refused while one of them is missing. */
function completed(
  path: string,
  values: Readonly<Record<string, string>>,
  staged: StagedVersion,
  certificate: SecretParts | undefined,
): StagedVersion {
  const missing = remaining(values, staged.assignments);
  if (Object.keys(missing).length === 0) return staged;
  if (certificate !== undefined) {
    const assignments = new Map([...staged.assignments, ...linesOf(missing, certificate)]);
    return { ...staged, assignments };
  }
  throw refused("env-file-incomplete", `env-file: ${path}: what is staged lacks variables`, {
    evidence: Object.keys(missing).join(", "),
    fix: "the document asks for more than was staged: cre rollback, then cre retry",
  });
}

async function promote(
  { credential, target, staged }: Places,
  attempt: string,
  complete: (staged: StagedVersion) => StagedVersion,
): Promise<void> {
  await removeLeftovers(target);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await readContent(target);
    if (attemptIn(before, credential) === attempt) {
      return tidyUp({ credential, target, staged }, attempt);
    }
    const version = await readStaged({ credential, staged });
    if (version?.attempt !== attempt) {
      throw refused(
        "env-file-not-staged",
        `env-file: ${target.path}: attempt ${attempt} is not staged beside it`,
        {
          evidence: version === undefined ? "nothing is staged" : "another attempt is staged",
          fix: "somebody removed what was staged: cre rollback, then cre retry",
        },
      );
    }
    // A new file belongs to who owns the folder, if the runner may give it away.
    const owner =
      before?.facts ?? (process.geteuid?.() === 0 ? await target.folder.handle.stat() : undefined);
    const text = edited(target, before, credential, complete(version));
    if (await replaceFile(target, text, before?.facts, owner)) {
      return tidyUp({ credential, target, staged }, attempt);
    }
  }
  throw alwaysChanging(target.path);
}

async function abort(places: Places, attempt: string): Promise<void> {
  if (attemptIn(await readContent(places.target), places.credential) === attempt) {
    throw refused("env-file-current", `env-file: ${places.target.path} uses attempt ${attempt} already`, {
      fix: "look at the rotation with cre status",
    });
  }
  await removeLeftovers(places.staged);
  await dropStaged(places, attempt);
}

async function held({ credential, target, staged }: Places): Promise<Held> {
  const current = attemptIn(await readContent(target), credential);
  const pending = (await readStaged({ credential, staged }))?.attempt;
  return {
    ...(current === undefined ? {} : { current }),
    // Promoted, and then died before it was tidied away.
    ...(pending === undefined || pending === current ? {} : { pending }),
  };
}

async function dropStaged(places: Places, attempt: string): Promise<void> {
  if ((await readStaged(places))?.attempt === attempt) await removeFile(places.staged);
}

/** Drops what is staged of an attempt that is in use: failing at it is no refusal any more. */
async function tidyUp(places: Places, attempt: string): Promise<void> {
  try {
    await dropStaged(places, attempt);
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    const { code, message, evidence, fix } = error;
    throw new EffectError("unknown", code, message, detailsOf(evidence, fix));
  }
}

/** What is staged, if it was the runner's own user who put it there. */
async function readStaged({
  credential,
  staged,
}: Omit<Places, "target">): Promise<StagedVersion | undefined> {
  const content = await readContent(staged);
  if (content === undefined) return undefined;
  const user = process.geteuid?.();
  const isOurs = user === undefined || Number(content.facts.uid) === user;
  return isOurs ? parseStaged(content.text, credential) : undefined;
}

/** The target's text with this version in it; refused where readers would not find it there. */
function edited(
  { path }: Place,
  before: Content | undefined,
  credential: string,
  version: StagedVersion,
): string {
  const text = withVersion(before?.text ?? "", credential, version);
  if (isClosed(before?.text ?? "") && showsVersion(text, credential, version)) return text;
  throw refused("env-file-malformed", `env-file: ${path} has a quote or a last line that never ends`, {
    evidence: "for some readers what is written behind it would be part of its value",
    fix: "close the quote, put a value with an apostrophe into quotes, or end the last line",
  });
}

function attemptIn(content: Content | undefined, credential: string): string | undefined {
  return content === undefined ? undefined : currentAttempt(content.text, credential);
}

function alwaysChanging(path: string): EffectError {
  return new EffectError("refused", "env-file-busy", `env-file: ${path} is being written by somebody else`, {
    fix: "find out what writes it; the next run tries again",
  });
}
