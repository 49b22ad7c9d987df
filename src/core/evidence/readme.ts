import { plainLine } from "../text/plain-line.ts";
import { ALGORITHM, type Sampling } from "./selection.ts";

/** What was asked for, and of what. */
export interface Query {
  readonly population: string;
  readonly period: { readonly words: string; readonly from: string; readonly to: string };
  readonly asOf: string;
  readonly repository: string | null;
  readonly commit: string | null;
  readonly stateCommit: string | null;
  readonly stateBranch: string;
  readonly sampling: Sampling | undefined;
  readonly members: number;
  readonly drawn: number;
  /** SHA-256 of `population.csv`. */
  readonly populationDigest: string;
  /** What the verification of the whole trail said. */
  readonly chain: string;
  readonly command: string;
  readonly warnings: readonly string[];
}

/** The page that tells an auditor what lies in the folder and how to verify it without this program. */
export function folderReadme(query: Query): string {
  const { population, period, sampling, members, drawn } = query;
  return [
    `# Evidence: ${population} of ${plainLine(period.words, 100)}`,
    "",
    ...query.warnings.map((warning) => `> **Note:** ${plainLine(warning, 1000)}\n`),
    `Population: everything that happened from ${period.from} until before ${period.to}, as it was known at ${query.asOf}: ${members} members in \`population.csv\` (SHA-256 \`${query.populationDigest}\`).`,
    "",
    sampling === undefined
      ? `All ${members} are here, each in a folder of its own below \`items/\`.`
      : `Drawn: ${drawn}, by the seed \`${plainLine(sampling.seed, 100)}\`; each is in a folder of its own below \`items/\`, in the order of \`selection.csv\`.`,
    "",
    `How members are drawn: ${ALGORITHM}`,
    "",
    `Made by \`${plainLine(query.command, 500)}\` from the documents of commit \`${query.commit ?? "none"}\` and the records of commit \`${query.stateCommit ?? "none"}\` (branch \`${query.stateBranch}\`)${query.repository === null ? "" : ` of ${plainLine(query.repository, 200)}`}. The same command on the same commits gives the same files. The whole audit chain: ${query.chain}.`,
    "",
    "## How to verify it with git and sha256sum alone",
    "",
    "```sh",
    "sha256sum --quiet -c SHA256SUMS          # no file was changed since",
    "```",
    "",
    "Draw the sample again: for each id of `population.csv` run `printf '%s' \"SEED:ID\" | sha256sum`, sort, and take the first ones; `selection.csv` has the same.",
    "",
    "Each item has a `README.md` of its own with the commands for it. They need a clone of the repository with its whole history (`git clone`, without `--depth`).",
    "",
    "This evidence supports an assessment. Only an assessor concludes.",
    "",
  ].join("\n");
}

/** A file of an item that also lies in git. */
export interface FromGit {
  /** Below the item's folder. */
  readonly file: string;
  readonly commit: string;
  readonly path: string;
}

/** What the bundle of one member holds. */
export interface ItemFacts {
  readonly id: string;
  readonly entries: number;
  readonly firstSeq: number | undefined;
  readonly lastSeq: number | undefined;
  readonly fromGit: readonly FromGit[];
  /** State commits that brought the segments, with the hash that each says is the newest. */
  readonly heads: readonly { readonly commit: string; readonly head: string }[];
  readonly approvals: readonly string[];
}

/** The page of one member. */
export function itemReadme(item: ItemFacts): string {
  return [
    `# ${plainLine(item.id, 200)}`,
    "",
    "- `item.json`: its row of the population, with the commits that it is about and what they say of themselves.",
    "- `events.jsonl`: what the audit trail says of it, line by line as it stands there.",
    "- `chain/`: the text that the hash of each of these entries is made of.",
    "- `segments/`: the whole segments of the trail that hold them, as they were committed.",
    "- `before/`, `after/`: documents and record as they were before and after, where there were any.",
    "",
    "## Verify",
    "",
    "```sh",
    ...(item.entries === 0
      ? ["# the trail has no entry about it"]
      : [
          `(cd chain && sha256sum --quiet -c HASHES)   # ${item.entries} entries, ${item.firstSeq} to ${item.lastSeq}: each hash is that of its text`,
        ]),
    ...item.fromGit.map(
      ({ file, commit, path }) =>
        `git cat-file blob '${commit}:${shellSafe(path)}' | cmp - '${shellSafe(file)}'`,
    ),
    ...item.heads.map(
      ({ commit, head }) =>
        `git log -1 --format='%(trailers:key=Audit-Head,valueonly)' ${commit}   # says ${head}, the hash of the last entry of its segment`,
    ),
    "```",
    "",
    "Within `events.jsonl` and `segments/` each entry's `prev` is the hash of the entry before it: whoever changes one has to change all that follow, and every commit that says so.",
    "",
    item.approvals.length === 0
      ? "Nothing on record says who approved it."
      : `Approved, as the forge said when a run asked it: ${item.approvals.map((text) => plainLine(text, 300)).join("; ")}.`,
    "",
  ].join("\n");
}

/** Within single quotes. */
function shellSafe(path: string): string {
  return path.replaceAll("'", String.raw`'\''`);
}
