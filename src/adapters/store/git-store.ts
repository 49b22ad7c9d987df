import { hash } from "node:crypto";
import { seal, segmentText } from "../../core/audit/seal.ts";
import { SETTINGS_DEFAULTS } from "../../core/documents/settings.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type {
  AuditSegment,
  DocumentChange,
  Inputs,
  PushOutcome,
  RunIdentity,
  StateChange,
  Store,
} from "../../core/ports/store.ts";
import type { DocumentPart, PartOrigin } from "../../core/reviews/document-part.ts";
import { EMPTY_STATE, type StateFacts } from "../../core/state/facts.ts";
import type { Branches } from "./branches.ts";
import { writeCommit } from "./commit-writer.ts";
import { allAsAdded, changesBetween, netChanges } from "./document-changes.ts";
import { originsOf } from "./document-origins.ts";
import { fieldsOf } from "./document-outline.ts";
import { Git } from "./git.ts";
import { signaturesOf } from "./git-environment.ts";
import { LocalBranches } from "./local-branches.ts";
import { isAncestor, isCut, readFileAt, resolveCommit, type TreeFile } from "./objects.ts";
import { findRemote, pause } from "./remote.ts";
import { RemoteBranches } from "./remote-branches.ts";
import { forgetCommand, Seen } from "./seen.ts";
import { listDocuments, type ReadDocuments, readSources } from "./source-files.ts";
import { filesOf, messageOf } from "./state-commit.ts";
import { StateReader } from "./state-reader.ts";

export interface GitStoreOptions {
  /** Root of a checkout, or a bare repository. */
  readonly repo: string;
  readonly readDocuments: ReadDocuments;
  /** The surroundings; git gets an allow-list of them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for one exchange with the remote; default one minute. */
  readonly networkTimeout?: number;
  /** Told what a person should know although all went well. */
  readonly warn?: (message: string) => void;
}

/** Milliseconds. */
const LONGEST_WAY_GIVEN = 10_000;

const SETTINGS = /^["']?kind["']?:\s*["']?Settings\b/m;

/** The store, with what only git can tell. */
export interface GitStore extends Store {
  /** Whether the trail of these facts holds an entry with this hash: an anchored head that is missing means rewound. */
  containsHead(state: StateFacts, head: string): Promise<boolean>;
}

/** Opens the store of a repository. Rejects with a CreError when the folder is none. Reads nothing from the network. */
export async function openGitStore(options: GitStoreOptions): Promise<GitStore> {
  const git = new Git(options.repo, options.env);
  const inside = await git.run(["rev-parse", "--git-dir"]);
  if (inside.code !== 0) {
    throw new CreError("no-repository", `${options.repo} is no git repository`, {
      evidence: inside.stderr.trim(),
      fix: "point --repo at the root of a clone of the registry's repository",
    });
  }
  const remote = await findRemote(git, options.networkTimeout ?? 60_000);
  const branches =
    remote === undefined ? new LocalBranches(git, options.warn) : new RemoteBranches(git, remote);
  return new RepositoryStore(git, branches, options);
}

class RepositoryStore implements GitStore {
  readonly #git: Git;
  readonly #branches: Branches;
  readonly #options: GitStoreOptions;
  readonly #states: StateReader;
  readonly #seen: Seen;
  /** Pushes in a row for which somebody else was quicker. */
  #rejections = 0;
  readonly #former = new Map<string, Inputs>();
  #read: { readonly listing: string; readonly inputs: Inputs } | undefined;

  constructor(git: Git, branches: Branches, options: GitStoreOptions) {
    this.#git = git;
    this.#branches = branches;
    this.#options = options;
    this.#states = new StateReader(git);
    this.#seen = new Seen(git, this.#states);
  }

  async fetchInputs(signal: AbortSignal): Promise<Inputs> {
    const branch = await this.#branches.defaultBranch(signal);
    const commit = await this.#branches.tip(branch, signal);
    if (commit === undefined) {
      throw new CreError("no-documents", `the default branch ${branch} has no commit`, {
        fix: "commit and push the registry's documents first (`cre init` writes a first set)",
      });
    }
    if (this.#read?.inputs.commit === commit) return this.#read.inputs;
    const files = await listDocuments(this.#git, commit);
    // The same documents, as after our own commit on the same branch, need not be read again.
    const listing = files.map(({ path, blob, symlink }) => `${path}\0${blob}\0${symlink}`).join("\n");
    if (this.#read?.listing === listing) {
      const inputs = { ...this.#read.inputs, commit };
      this.#read = { listing, inputs };
      return inputs;
    }
    const inputs = await this.#readAt(commit, files);
    this.#read = { listing, inputs };
    return inputs;
  }

  async fetchState(inputs: Inputs, signal: AbortSignal): Promise<StateFacts> {
    const named = inputs.documents.settings?.document.spec.state?.branch ?? SETTINGS_DEFAULTS.stateBranch;
    const branch = named === "same" ? await this.#branches.defaultBranch(signal) : named;
    const seen = await this.#seen.newest(branch);
    const commit = await this.#branches.tip(branch, signal);
    if (commit === undefined && (await this.#hidesSettings(inputs))) throw settingsHidden(branch);
    const state = commit === undefined ? { ...EMPTY_STATE, branch } : await this.#states.read(branch, commit);
    const whole = await this.#seen.holds(state, seen);
    return whole || seen === undefined ? state : { ...state, rewoundFrom: seen };
  }

  /** There are settings, and what they say of the state branch cannot be read. */
  async #hidesSettings({ commit, documents, problems }: Inputs): Promise<boolean> {
    if (commit === undefined || documents.settings !== undefined || problems.length === 0) return false;
    const sources = await readSources(this.#git, await listDocuments(this.#git, commit));
    return sources.some(({ bytes }) => SETTINGS.test(Buffer.from(bytes).toString("utf8")));
  }

  async publish(
    base: StateFacts,
    change: StateChange,
    identity: RunIdentity,
    at: Instant,
    signal: AbortSignal,
  ): Promise<PushOutcome> {
    if (base.rewoundFrom !== undefined) throw rewound(base.branch, base.rewoundFrom);
    const entries = seal(change.events, base.auditHead, identity, (text) => hash("sha256", text, "hex"));
    const files = filesOf(base, change, identity, entries, segmentText(entries));
    const message = messageOf(change, identity, entries.at(-1)?.hash ?? base.auditHead?.hash);
    const signatures = signaturesOf(this.#options.env);
    signal.throwIfAborted();
    const began = performance.now();
    const draft = await writeCommit(this.#git, { parent: base.commit, message, ...signatures, at, files });
    try {
      const moved = await this.#branches.advance(base.branch, base.commit, draft.commit, signal);
      if (!moved) {
        await this.#giveWay(performance.now() - began, signal);
        return { outcome: "rejected" };
      }
      this.#rejections = 0;
      await this.#seen.remember(base.branch, draft.commit);
      return { outcome: "accepted", commit: draft.commit, entries };
    } finally {
      await draft.release();
    }
  }

  /**
   * Whoever is rejected waits a random moment, of the order of what such a try took: where many push at once, most of
   * what they do would be in vain.
   */
  async #giveWay(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.#rejections += 1;
    const longest = Math.min(LONGEST_WAY_GIVEN, milliseconds * 2 ** this.#rejections);
    await pause(longest * Math.random(), signal).catch(() => undefined);
  }

  async changesSince(
    lastInputs: string | undefined,
    commit: string,
    signal: AbortSignal,
  ): Promise<readonly DocumentChange[]> {
    if (lastInputs === commit) return [];
    const branch = await this.#branches.defaultBranch(signal);
    // Who touched a file last is known only with the whole history.
    const whole = async () => !(await isCut(this.#git, commit));
    if (lastInputs === undefined) {
      await this.#branches.deepen(branch, whole, signal);
      return await allAsAdded(this.#git, commit, signal);
    }
    const isHere = async () => (await resolveCommit(this.#git, lastInputs)) !== undefined;
    if (!(await isHere())) await this.#branches.tip(branch, signal);
    // Another run has read newer documents than these, and told what changed up to there.
    if (await isAncestor(this.#git, commit, lastInputs)) return [];
    const reached = async () => await isAncestor(this.#git, lastInputs, commit);
    if (!(await reached())) await this.#branches.deepen(branch, reached, signal);
    if (await reached()) return await changesBetween(this.#git, lastInputs, commit, signal);

    // The default branch was rewritten: say what differs, whoever's history it is.
    if (!(await isHere())) await this.#branches.obtain(lastInputs, signal);
    await this.#branches.deepen(branch, whole, signal);
    if (!(await isHere())) return await allAsAdded(this.#git, commit, signal);
    return await netChanges(this.#git, lastInputs, commit, signal);
  }

  async inputsAt(commit: string, signal: AbortSignal): Promise<Inputs | undefined> {
    const known = this.#former.get(commit);
    if (known !== undefined) return known;
    try {
      if ((await resolveCommit(this.#git, commit)) === undefined) await this.#branches.obtain(commit, signal);
      if ((await resolveCommit(this.#git, commit)) === undefined) return undefined;
      const inputs = await this.#readAt(commit, await listDocuments(this.#git, commit));
      this.#former.set(commit, inputs);
      return inputs;
    } catch (error) {
      if (error instanceof CreError) return undefined;
      throw error;
    }
  }

  async #readAt(commit: string, files: readonly TreeFile[]): Promise<Inputs> {
    const read = await this.#options.readDocuments(await readSources(this.#git, files));
    const { documents, problems, warnings, count } = read;
    return { commit, documents, problems, warnings, count, uncommitted: false };
  }

  async originsOf(
    parts: readonly DocumentPart[],
    commit: string,
    signal: AbortSignal,
  ): Promise<readonly (PartOrigin | undefined)[]> {
    if (parts.length === 0) return [];
    const branch = await this.#branches.defaultBranch(signal);
    await this.#branches.deepen(branch, async () => !(await isCut(this.#git, commit)), signal);
    return await originsOf(this.#git, parts, commit, signal);
  }

  saidIn(text: string, { kind, name, fields }: Pick<DocumentPart, "kind" | "name" | "fields">) {
    const documents = fieldsOf(new TextEncoder().encode(text));
    return documents.find((document) => document.kind === kind && document.name === name)?.said(fields);
  }

  async lastInputs(state: StateFacts): Promise<string | undefined> {
    if (state.commit === undefined) return undefined;
    return (await this.#states.newestEntry(state.commit, ({ inputs }) => inputs !== undefined))?.inputs;
  }

  async readAudit(commit: string | undefined): Promise<readonly AuditSegment[]> {
    return commit === undefined ? [] : await this.#states.readAudit(commit);
  }

  async readFile(commit: string, path: string): Promise<Uint8Array | undefined> {
    return await readFileAt(this.#git, commit, path);
  }

  async containsHead(state: StateFacts, head: string): Promise<boolean> {
    return await this.#seen.containsHead(state.commit, head);
  }
}

function rewound(branch: string, seen: string): CreError {
  return new CreError("state-rewound", `the branch ${branch} was reset: it lacks what was recorded before`, {
    evidence: `this clone has seen ${seen}, whose audit head the branch no longer contains`,
    fix: `find out who reset it and push ${seen} back; to accept the loss: ${forgetCommand(branch)}`,
  });
}

/** Another branch would be begun anew, as if nothing were on record. */
function settingsHidden(branch: string): CreError {
  return new CreError(
    "settings-unreadable",
    "the settings cannot be read, so nobody can say which branch the records are on",
    {
      evidence: `there is no branch ${branch}, where they are unless the settings name another one`,
      fix: "mend the settings document: `cre validate` says what is wrong with it",
    },
  );
}
