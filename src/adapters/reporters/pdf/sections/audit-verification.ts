import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import type { Draft } from "../draft.ts";
import { COLORS } from "../page/colors.ts";
import { BODY, STRONG } from "../page/sheet.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

type Fault = ReportModel["health"]["chain"]["firstFaults"][number];

interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Whether what the enforcer wrote down can be believed, and how anybody checks that. */
export function auditVerification({ sheet, headings, model }: Draft): void {
  headings.section("Audit trail verification", {}, () => {
    const { health } = model;
    const { chain } = health;
    const isBroken = chain.verdict === "broken";
    sheet.paragraph(VERDICTS[chain.verdict], {
      ...STRONG,
      size: 11,
      leading: 16,
      color: isBroken ? COLORS.danger : COLORS.ink,
    });
    sheet.gap(6);
    table(sheet, FACTS, factsOf(model));
    if (chain.faults > 0) {
      headings.part(`Faults (${chain.faults})`);
      table(sheet, FAULTS, chain.firstFaults);
      if (chain.faults > chain.firstFaults.length) {
        sheet.paragraph(
          `The first ${chain.firstFaults.length} of ${chain.faults}; cre audit verify has them all.`,
        );
      }
    }
    if (health.unreadableRecords.length > 0) {
      headings.part(`Records that cannot be read (${health.unreadableRecords.length})`);
      table(sheet, UNREADABLE, health.unreadableRecords, { most: 50, rest: "report.json has them all" });
    }
    headings.part("How to check it");
    sheet.paragraph(
      "Run `cre audit verify` in a clone with the whole history of the state branch. Each entry holds the SHA-256 of the one before it; the first of each file is joined to the last of the file before. Whoever may push could write a whole new chain: what proves the head is a copy of it elsewhere, which `cre audit anchor` writes.",
      BODY,
    );
  });
}

const VERDICTS = {
  whole: "The audit chain is whole: every entry follows from the one before it.",
  broken: "The audit chain is broken: records of this report may have been changed.",
  empty: "There is no audit trail yet: no run has recorded anything.",
} as const;

function factsOf({ health, identity }: ReportModel): readonly Fact[] {
  const { chain, newestEntry, schedule, late } = health;
  return [
    { name: "Algorithm", value: "SHA-256 over the canonical JSON of each entry, chained" },
    {
      name: "Range",
      value: `${counted(chain.entries, "entry", "entries")} in ${counted(chain.segments, "segment")}`,
    },
    { name: "Head", value: newestEntry === null ? "none" : `number ${newestEntry.seq}: ${newestEntry.hash}` },
    { name: "Newest entry", value: newestEntry?.time ?? "none" },
    {
      name: "Compared with commits",
      value: chain.comparedWithCommits
        ? "yes: with the heads that commits of the state branch recorded"
        : "no: this clone lacks them",
    },
    { name: "Records", value: identity.stateCommit ?? "none" },
    { name: "Schedule", value: `every ${schedule}${late ? ": late" : ""}` },
    { name: "Invalid documents", value: counted(health.invalidDocuments, "problem") },
  ];
}

const FACTS: readonly Column<Fact>[] = [
  { title: "Fact", share: 28, isHead: true, of: ({ name }) => [{ text: name, style: NAME }] },
  { title: "Value", share: 72, of: ({ value }) => value },
];

const FAULTS: readonly Column<Fault>[] = [
  {
    title: "Place",
    share: 46,
    isHead: true,
    of: ({ path, line, code }) => [
      { text: `${path}:${line}`, style: NAME },
      { text: code, style: NOTE },
    ],
  },
  { title: "Fault", share: 54, of: ({ message }) => message },
];

const UNREADABLE: readonly Column<ReportModel["health"]["unreadableRecords"][number]>[] = [
  { title: "Record", share: 46, isHead: true, of: ({ path }) => [{ text: path, style: NAME }] },
  { title: "Problem", share: 54, of: ({ problem }) => problem },
];
