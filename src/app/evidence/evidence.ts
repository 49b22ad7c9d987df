import { writeCsv } from "../../adapters/reporters/csv/write-csv.ts";
import { sha256, sha256Of } from "../../adapters/runtime/hash.ts";
import { placedEntries } from "../../core/evidence/chain-proof.ts";
import { membersOf, type PopulationName } from "../../core/evidence/population.ts";
import { folderReadme, type Query } from "../../core/evidence/readme.ts";
import { drawFrom, type Sampling } from "../../core/evidence/selection.ts";
import { approvalsIn } from "../../core/history/approvals.ts";
import type { ReportFile } from "../../core/ports/reporter.ts";
import { lookBack } from "../history/look-back.ts";
import { lookAtEnd } from "../history/period-look.ts";
import { lookWithTrail } from "../looking/look-with-trail.ts";
import type { LookOptions, Sight } from "../looking/sight.ts";
import { repositoryName } from "../reporting/repository-name.ts";
import { itemFiles } from "./item-files.ts";
import { documentLocator } from "./locate-document.ts";

/** What evidence is asked for. */
export interface EvidenceRequest {
  readonly population: PopulationName;
  readonly period: string;
  readonly sampling: Sampling | undefined;
  /** The command line, so that anybody can make the same. */
  readonly command: string;
}

export interface Evidence {
  readonly sight: Sight;
  readonly query: Query;
  /** The same commits and the same question give the same files; they are made one after the other. */
  readonly files: AsyncIterable<ReportFile>;
}

/**
 * A population of a period with a bundle for each member that is drawn. Writes nothing. A broken chain stops nothing:
 * the query says so. Rejects with a CreError as a report on a period does.
 */
export async function evidenceOf(
  asked: LookOptions,
  { population, period: words, sampling, command }: EvidenceRequest,
  step: (text: string) => void,
): Promise<Evidence> {
  const { options, period } = lookAtEnd(asked, words);
  const { side, looked: sight, tip, trail } = await lookWithTrail(options, step);
  const { entries, verdict } = trail;
  const { signal } = options;
  const view = { side, sight, entries, isMeant: () => true, step, signal };
  const { rows, warnings } = await lookBack(view, period);
  const members = membersOf(population, { rows, entries, period });
  const drawn = drawFrom(
    members.map(({ id }) => id),
    sampling,
    sha256,
  );
  const titles = Object.keys(members[0]?.row ?? { id: "" });
  const table = await writeCsv(
    titles,
    members.map(({ row }) => titles.map((title) => row[title] ?? null)),
  );
  const query: Query = {
    population,
    period: { words: period.words, from: period.from, to: period.to },
    asOf: sight.now,
    repository: (await repositoryName(options)) ?? null,
    commit: sight.commit ?? null,
    stateCommit: tip.commit ?? null,
    stateBranch: tip.branch,
    sampling,
    members: members.length,
    drawn: drawn.length,
    populationDigest: sha256(table),
    chain: verdict.ok ? `whole, ${verdict.entries} entries` : `BROKEN, ${verdict.faults.length} faults`,
    command,
    warnings: [
      ...(verdict.ok ? [] : ["The audit chain is broken: what the trail says may have been changed."]),
      ...warnings,
    ],
  };
  return { sight, query, files: withSums(filesOf()) };

  async function* filesOf(): AsyncIterable<ReportFile> {
    yield { path: "README.md", content: folderReadme(query) };
    yield { path: "query.json", content: `${JSON.stringify(query, undefined, 2)}\n` };
    yield { path: "population.csv", content: table };
    yield {
      path: "selection.csv",
      content: await writeCsv(
        ["rank", "id", "sha256 of seed:id"],
        drawn.map(({ id, digest }, at) => [at + 1, id, digest]),
      ),
    };
    const archive = {
      side,
      state: tip,
      entries: placedEntries(trail.segments),
      approvals: approvalsIn(entries),
      broughtBy: await side.segmentCommits(tip),
      locate: documentLocator(side),
    };
    const byId = new Map(members.map((member) => [member.id, member]));
    for (const [at, { id }] of drawn.entries()) {
      signal.throwIfAborted();
      const member = byId.get(id);
      if (member === undefined) continue;
      const folder = `items/${folderName(id, at, drawn.length)}`;
      for (const { path, content } of await itemFiles(member, archive)) {
        yield { path: `${folder}/${path}`, content };
      }
      if ((at + 1) % 25 === 0) step(`${at + 1} of ${drawn.length} bundles are made.`);
    }
  }
}

/** In the order of the selection, and safe on every file system. */
function folderName(id: string, at: number, of: number): string {
  const rank = String(at + 1).padStart(String(of).length, "0");
  return `${rank}-${id.replaceAll(/[^A-Za-z0-9]+/g, "-").slice(0, 60)}`;
}

/** Every file, and a last one with their digests as `sha256sum -c` reads it. */
async function* withSums(files: AsyncIterable<ReportFile>): AsyncIterable<ReportFile> {
  const sums: string[] = [];
  for await (const file of files) {
    sums.push(`${sha256Of(file.content)}  ${file.path}\n`);
    yield file;
  }
  yield { path: "SHA256SUMS", content: sums.join("") };
}
