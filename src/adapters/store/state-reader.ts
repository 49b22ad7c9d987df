import { parseSegmentPath } from "../../core/audit/segment-path.ts";
import { entriesOf, parseEntry } from "../../core/audit/trail.ts";
import { CreError } from "../../core/model/errors.ts";
import type { AuditSegment } from "../../core/ports/store.ts";
import type { BookName, Books } from "../../core/state/books.ts";
import type {
  AuditHead,
  HoldFact,
  Incident,
  Request,
  StateFacts,
  UnreadableFile,
} from "../../core/state/facts.ts";
import { statusPath } from "../../core/state/layout.ts";
import type { Status } from "../../core/state/status.ts";
import type { Git } from "./git.ts";
import { bringContents, listFiles, readBlobs, type TreeFile } from "./objects.ts";
import { type Reading, recordReaders } from "./records.ts";
import { segmentOf } from "./segment-file.ts";

const FOLDERS = ["registry/status", "incidents", "holds", "requests"];
const STATUS = /^registry\/status\/([^/]+)\/([^/]+)\.json$/;
type Facts = {
  readonly [K in "statuses" | "incidents" | "holds" | "requests"]: Map<
    string,
    StateFacts[K] extends ReadonlyMap<string, infer T> ? T : never
  >;
} & { readonly books: { -readonly [N in BookName]?: Books[N] } };
const BOOK = /^registry\/status\/_(alerts|discovery|issues|reviews)\.json$/;
const FACT = /^(incidents|holds|requests)\/([^/]+)\.json$/;

/** Reads the machine's files from commits. */
export class StateReader {
  readonly #git: Git;
  readonly #readers = recordReaders();

  constructor(git: Git) {
    this.#git = git;
  }

  /**
   * Everything recorded in a commit. One bad file is told in `unreadable`; only a broken end of the trail rejects, or
   * with `evenIfBroken` leaves the head out.
   */
  async read(branch: string, commit: string, evenIfBroken = false): Promise<StateFacts> {
    await bringContents(this.#git, commit, FOLDERS);
    const files = (await listFiles(this.#git, commit, FOLDERS)).flatMap((file) => {
      const reader = this.#readerOf(file.path);
      return reader === undefined ? [] : [{ ...file, reader }];
    });
    const contents = await readBlobs(
      this.#git,
      files.filter(({ blob, reader }) => !reader.knows(blob)).map(({ blob }) => blob),
    );
    const facts = {
      statuses: new Map<string, Status>(),
      incidents: new Map<string, Incident>(),
      holds: new Map<string, HoldFact>(),
      requests: new Map<string, Request>(),
    };
    const books: Facts["books"] = {};
    const unreadable: UnreadableFile[] = [];
    for (const { path, blob, symlink } of files) {
      const bytes = contents.get(blob);
      const problem = symlink ? "a link" : this.#put({ ...facts, books }, path, blob, bytes);
      if (problem === undefined) continue;
      const credential = STATUS.exec(path)?.[2];
      unreadable.push({ path, ...(credential === undefined ? {} : { credential }), problem });
    }
    // A credential with one unreadable file has no record that could be trusted.
    for (const { credential } of unreadable) if (credential !== undefined) facts.statuses.delete(credential);
    const auditHead = await this.#head(commit, evenIfBroken);
    return { branch, commit, ...facts, books, auditHead, ...(unreadable.length === 0 ? {} : { unreadable }) };
  }

  /** The whole trail of a commit, by first sequence. */
  async readAudit(commit: string): Promise<AuditSegment[]> {
    await bringContents(this.#git, commit, ["audit"]);
    const files = inOrder((await listFiles(this.#git, commit, ["audit"])).filter(({ symlink }) => !symlink));
    const contents = await readBlobs(
      this.#git,
      files.map(({ blob }) => blob),
    );
    return files.map(({ path, blob }) => segmentOf(path, contents.get(blob) ?? Buffer.alloc(0)));
  }

  /** The newest entry that satisfies `wanted`, read from the end of the trail. */
  async newestEntry(commit: string, wanted: (entry: ReturnType<typeof entriesOf>[number]) => boolean) {
    const files = inOrder((await listFiles(this.#git, commit, ["audit"])).filter(({ symlink }) => !symlink));
    for (let end = files.length, step = 1; end > 0; end -= step, step *= 4) {
      const part = files.slice(Math.max(0, end - step), end);
      const contents = await readBlobs(
        this.#git,
        part.map(({ blob }) => blob),
      );
      const segments = part.map(({ path, blob }) => segmentOf(path, contents.get(blob) ?? Buffer.alloc(0)));
      const found = entriesOf(segments).findLast(wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #head(commit: string, evenIfBroken: boolean): Promise<AuditHead | undefined> {
    const files = await listFiles(this.#git, commit, ["audit"]);
    const file = inOrder(files.filter(({ path }) => parseSegmentPath(path) !== undefined)).at(-1);
    if (file === undefined) return undefined;
    const content = (await readBlobs(this.#git, [file.blob])).get(file.blob) ?? Buffer.alloc(0);
    const entry = parseEntry(segmentOf(file.path, content).lines.at(-1) ?? "");
    if (entry === undefined) {
      if (evenIfBroken) return undefined;
      throw new CreError("audit-unreadable", `the newest audit segment cannot be read: ${file.path}`, {
        evidence: `commit ${commit}: its last line is no audit entry, so nothing can be added to the chain`,
        fix: "run `cre audit verify`, find out who changed the state branch, and restore that file by a commit",
      });
    }
    return { seq: entry.seq, hash: entry.hash, time: entry.time };
  }

  #readerOf(path: string): { knows(blob: string): boolean } | undefined {
    if (STATUS.test(path)) return this.#readers.status;
    const book = BOOK.exec(path)?.[1];
    // `as`: the pattern knows no other names.
    if (book !== undefined) return this.#readers[book as BookName];
    const folder = FACT.exec(path)?.[1];
    if (folder === "incidents") return this.#readers.incident;
    if (folder === "holds") return this.#readers.hold;
    return folder === "requests" ? this.#readers.request : undefined;
  }

  /** Puts one file where it belongs; what is wrong with it, if anything. */
  #put(facts: Facts, path: string, blob: string, bytes: Buffer | undefined): string | undefined {
    const [, folder, id] = FACT.exec(path) ?? [];
    if (folder === "incidents") return keep(facts.incidents, id, this.#readers.incident.read(blob, bytes));
    if (folder === "holds") return keep(facts.holds, id, this.#readers.hold.read(blob, bytes));
    if (folder === "requests") return keep(facts.requests, id, this.#readers.request.read(blob, bytes));
    const book = BOOK.exec(path)?.[1];
    if (book === "alerts") return keepBook(facts.books, book, this.#readers.alerts.read(blob, bytes));
    if (book === "discovery") return keepBook(facts.books, book, this.#readers.discovery.read(blob, bytes));
    if (book === "issues") return keepBook(facts.books, book, this.#readers.issues.read(blob, bytes));
    if (book === "reviews") return keepBook(facts.books, book, this.#readers.reviews.read(blob, bytes));

    const reading = this.#readers.status.read(blob, bytes);
    if ("problem" in reading) return reading.problem;
    const { credential, service } = reading.record;
    if (statusPath(service, credential) !== path) return `it is the record of ${service}/${credential}`;
    const other = facts.statuses.get(credential);
    if (other !== undefined) return `a second record: the first is of service ${other.service}`;
    facts.statuses.set(credential, reading.record);
    return undefined;
  }
}

function keep<T extends { readonly id: string }>(
  facts: Map<string, T>,
  id: string | undefined,
  reading: Reading<T>,
): string | undefined {
  if ("problem" in reading) return reading.problem;
  if (reading.record.id !== id) return `its id is ${reading.record.id}`;
  facts.set(reading.record.id, reading.record);
  return undefined;
}

function keepBook<N extends BookName>(
  books: Facts["books"],
  name: N,
  reading: Reading<NonNullable<Books[N]>>,
): string | undefined {
  if ("problem" in reading) return reading.problem;
  books[name] = reading.record;
  return undefined;
}

function inOrder(files: readonly TreeFile[]): TreeFile[] {
  return files.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.path < b.path ? -1 : 1));
}

function placeOf({ path }: TreeFile): number {
  return parseSegmentPath(path)?.firstSeq ?? Number.MAX_SAFE_INTEGER;
}
