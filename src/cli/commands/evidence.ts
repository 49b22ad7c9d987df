import { resolve } from "node:path";
import { POPULATIONS } from "../../core/evidence/population.ts";
import type { Query } from "../../core/evidence/readme.ts";
import type { Sampling } from "../../core/evidence/selection.ts";
import { worstExit } from "../../core/model/exit-code.ts";
import { counted } from "../../core/text/counted.ts";
import type { Command, Invocation } from "../command.ts";
import { usageError } from "../command-line.ts";
import { lookOptions, soundness } from "../looking.ts";
import { AS_OF, PERIOD } from "../options.ts";
import { tellProblems } from "../problem-lines.ts";

export const evidence: Command = {
  name: "evidence",
  group: "Prove",
  summary: "What an auditor samples: a population of a period, a selection, and a bundle for each item.",
  detail: [
    "Writes population.csv with its digest and the query, selection.csv with the seed and how it was drawn, and a folder for each item: documents and record before and after, the entries of the trail with the text that each hash is made of, approvals, commit ids, digests, and a README that tells how to verify all that with git and sha256sum alone.",
    "The same question on the same commits gives the same bytes. Never a secret value: no file that it reads has one.",
  ],
  args: [],
  options: [
    {
      name: "population",
      value: "NAME",
      required: true,
      choices: POPULATIONS,
      summary: "What the members are.",
    },
    { ...PERIOD, required: true },
    { name: "sample", value: "N", summary: "Draw so many; default: all." },
    { name: "seed", value: "TEXT", summary: "What decides which are drawn: the auditor's number." },
    {
      name: "out",
      value: "DIR",
      required: true,
      summary: "Folder that gets the files; it must be new or empty.",
    },
    AS_OF,
  ],
  examples: [
    {
      line: "cre evidence --population rotations --period 2026-Q3 --sample 25 --seed 7 --out q3",
      does: "25 rotations of a quarter, each provable by itself",
    },
    {
      line: "cre evidence --population compromises --period 2026 --out compromises",
      does: "Every compromise of a year and how it was answered",
    },
  ],
  run: async (invocation, context) => {
    const { evidenceOf } = await import("../../app/evidence/evidence.ts");
    const { writeFolder } = await import("../../app/evidence/write-folder.ts");
    const { terminal } = context;
    const population = POPULATIONS.find((name) => name === invocation.value("population")) ?? "rotations";
    const [period = "", out = ""] = [invocation.value("period"), invocation.value("out")];
    const sampling = samplingOf(invocation);
    const drawn = sampling === undefined ? "" : ` --sample ${sampling.size} --seed ${sampling.seed}`;
    const { sight, query, files } = await evidenceOf(
      lookOptions(invocation, context),
      {
        population,
        period,
        sampling,
        command: `cre evidence --population ${population} --period ${period}${drawn}`,
      },
      (text) => terminal.note(text),
    );
    tellProblems(terminal, sight.problems);
    for (const warning of query.warnings) terminal.warn(warning);
    const count = await writeFolder(resolve(context.cwd, out), files);
    terminal.result(resultText(query, count, out));
    return worstExit([soundness(sight), query.chain.startsWith("BROKEN") ? 3 : 0]);
  },
};

function samplingOf(invocation: Invocation): Sampling | undefined {
  const [size, seed] = [invocation.value("sample"), invocation.value("seed")];
  if (size === undefined && seed === undefined) return undefined;
  if (size === undefined || seed === undefined || seed === "") {
    throw usageError(
      "--sample and --seed belong together.",
      "Give both: the auditor chooses the seed, so that nobody else chooses the items.",
    );
  }
  if (!/^[1-9]\d{0,5}$/.test(size)) {
    throw usageError(`--sample cannot be \`${size}\`.`, "Write a number from 1 on.");
  }
  return { size: Number(size), seed };
}

function resultText(
  { population, period, members, drawn, populationDigest }: Query,
  files: number,
  out: string,
): string {
  return [
    `${counted(members, "member")} in the population of ${population}, ${period.from} until before ${period.to}.`,
    `${counted(drawn, "bundle")} and ${counted(files, "file")} written to ${out}.`,
    `population.csv: SHA-256 ${populationDigest}`,
    `Begin with ${out}/README.md.`,
    "",
  ].join("\n");
}
