import type { ReadSide } from "../../adapters/store/read-side.ts";
import { type PlacedEntry, type ProvenEntry, provenEntries } from "../../core/evidence/chain-proof.ts";
import type { DocumentName, Member } from "../../core/evidence/population.ts";
import { type FromGit, itemReadme } from "../../core/evidence/readme.ts";
import type { Approvals } from "../../core/history/approvals.ts";
import type { ReportFile } from "../../core/ports/reporter.ts";
import type { AuditSegment } from "../../core/ports/store.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import { statusPath } from "../../core/state/layout.ts";

/** What bundles are made from, read once. */
export interface Archive {
  readonly side: ReadSide;
  readonly state: StateFacts;
  readonly entries: readonly PlacedEntry[];
  readonly approvals: Approvals;
  /** The commits of the state branch that brought each segment. */
  readonly broughtBy: ReadonlyMap<string, string>;
  /** The file that holds a document in a commit; undefined: there is none. */
  readonly locate: (document: DocumentName, commit: string | undefined) => Promise<string | undefined>;
}

/** Before and after what a member is about, on the branch of people and on that of the machine. */
interface Commits {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly recordBefore: string | undefined;
  readonly recordAfter: string | undefined;
}

/** The files of one member's bundle; paths are below its folder. */
export async function itemFiles(member: Member, archive: Archive): Promise<readonly ReportFile[]> {
  const proven = provenEntries(archive.entries, member.isAbout);
  const segments = [...new Set(proven.map(({ segment }) => segment))];
  const commits = await commitsOf(member, proven, archive);
  const kept = await keptFiles(member, commits, archive);
  const brought = segments.flatMap((segment) => {
    const commit = archive.broughtBy.get(segment.path);
    return commit === undefined ? [] : [{ segment, commit }];
  });
  const fromGit: FromGit[] = [
    ...kept.map(({ source }) => source),
    ...brought.map(({ segment, commit }) => ({ file: segmentFile(segment), commit, path: segment.path })),
  ];
  const approvals = approvalsOf(member, archive);
  const named = [...Object.values(commits), member.commit].flatMap((commit) => commit ?? []);
  const facts = await archive.side.commitFacts([...new Set(named)]);
  const item = { ...member.row, approvals, commits: { ...commits, of: Object.fromEntries(facts) } };
  const readme = itemReadme({
    id: member.id,
    entries: proven.length,
    firstSeq: proven[0]?.entry.seq,
    lastSeq: proven.at(-1)?.entry.seq,
    fromGit,
    heads: brought.flatMap(({ segment, commit }) => {
      const head = lastHash(segment);
      return head === undefined ? [] : [{ commit, head }];
    }),
    approvals,
  });
  return [
    { path: "README.md", content: readme },
    { path: "item.json", content: `${JSON.stringify(item, undefined, 2)}\n` },
    { path: "events.jsonl", content: proven.map(({ line }) => `${line}\n`).join("") },
    ...chainFiles(proven),
    ...segments.map((segment) => ({ path: segmentFile(segment), content: textOf(segment) })),
    ...kept.map(({ source, content }) => ({ path: source.file, content })),
  ];
}

function chainFiles(proven: readonly ProvenEntry[]): readonly ReportFile[] {
  if (proven.length === 0) return [];
  const files = proven.map(({ entry, hashed }) => ({ name: `${entry.seq}.json`, hash: entry.hash, hashed }));
  return [
    { path: "chain/HASHES", content: files.map(({ name, hash }) => `${hash}  ${name}\n`).join("") },
    ...files.map(({ name, hashed }) => ({ path: `chain/${name}`, content: hashed })),
  ];
}

function segmentFile({ path }: AuditSegment): string {
  return `segments/${path.replace(/^audit\//, "").replaceAll("/", "-")}`;
}

function textOf({ lines, unterminated }: AuditSegment): string {
  return `${lines.join("\n")}${unterminated === true ? "" : "\n"}`;
}

function lastHash({ lines }: AuditSegment): string | undefined {
  return /"hash":"([0-9a-f]{64})"/.exec(lines.at(-1) ?? "")?.[1];
}

async function commitsOf(
  { commit }: Member,
  proven: readonly ProvenEntry[],
  { side, broughtBy }: Archive,
): Promise<Commits> {
  const [first, last] = [proven[0], proven.at(-1)];
  const [begun, ended] = [first, last].map((one) => one && broughtBy.get(one.segment.path));
  const facts = await side.commitFacts([commit, begun].flatMap((known) => known ?? []));
  const parentOf = (known: string | undefined) => facts.get(known ?? "")?.parent;
  return {
    before: commit === undefined ? first?.entry.inputs : parentOf(commit),
    after: commit ?? last?.entry.inputs,
    recordBefore: parentOf(begun),
    recordAfter: ended,
  };
}

interface Kept {
  readonly source: FromGit;
  readonly content: Uint8Array;
}

/** Documents and the record, as they were before and after. */
async function keptFiles(
  member: Member,
  commits: Commits,
  { side, state, entries, locate }: Archive,
): Promise<readonly Kept[]> {
  const { credential } = member;
  const service = credential === undefined ? undefined : state.statuses.get(credential)?.service;
  const record = credential === undefined || service === undefined ? [] : [statusPath(service, credential)];
  const documents: string[] = [];
  for (const name of member.documents) {
    const file = fileOf(name, entries) ?? (await locate(name, commits.after ?? commits.before));
    if (file !== undefined) documents.push(file);
  }
  const wanted = [
    { folder: "before", commit: commits.before, paths: documents },
    { folder: "after", commit: commits.after, paths: documents },
    { folder: "before", commit: commits.recordBefore, paths: record },
    { folder: "after", commit: commits.recordAfter, paths: record },
  ];
  const kept: Kept[] = [];
  for (const { folder, commit, paths } of wanted) {
    if (commit === undefined) continue;
    for (const path of new Set(paths)) {
      const content = await side.readFile(commit, path);
      if (content !== undefined) {
        kept.push({ source: { file: `${folder}/${path}`, commit, path }, content });
      }
    }
  }
  return kept;
}

/** The file that holds a document, as the trail said last. */
function fileOf({ kind, name }: DocumentName, entries: readonly PlacedEntry[]): string | undefined {
  const known = entries.findLast(
    ({ entry: { event, detail } }) =>
      event.startsWith("document.") && detail?.["kind"] === kind && detail["name"] === name,
  );
  const file = known?.entry.detail?.["file"];
  return typeof file === "string" ? file : undefined;
}

function approvalsOf({ documents, commit }: Member, { approvals }: Archive): readonly string[] {
  return documents.flatMap(({ kind, name }) => {
    const said = approvals.of(kind, name, commit);
    return said?.isApproved === true ? [`${kind} ${name} by ${said.approvers.join(", ")}`] : [];
  });
}
