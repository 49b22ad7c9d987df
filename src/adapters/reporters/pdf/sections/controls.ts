import type { CheckRow } from "../../../../core/compliance/compliance-report.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import { percentText } from "../../../../core/text/percent.ts";
import type { Draft } from "../draft.ts";
import { STATUS_COLORS } from "../page/colors.ts";
import { SMALL } from "../page/sheet.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

type Framework = NonNullable<ReportModel["controls"]>["frameworks"][number];
type Control = Framework["controls"][number];
type Status = Control["status"];

/** Failing ids that are printed of one check or control. */
const SHOWN = 12;
const STATUSES: readonly Status[] = ["pass", "fail", "exception", "no-population", "not-measured", "manual"];

/** What the evidence supports, for each control of each framework, with what it does not show. */
export function controlResults(draft: Draft): void {
  const { sheet, headings, model } = draft;
  const { controls } = model;
  if (controls === null) return;
  headings.section("Control results", { onNewPage: true }, () => {
    sheet.paragraph(
      "Checks are measured against the organisation's own policies and joined to the controls that they speak to. Direct: evidence for a stated element of a control; supporting: one input among several; context: it only helps whoever judges. That nothing was there to test (no population) or that nobody looked (not measured) is no pass. Titles are our own words, not those of the framework.",
    );
    sheet.gap(10);
    if (controls.frameworks.length > 0) {
      table(sheet, OVERVIEW, controls.frameworks);
    }
    headings.part("Checks of the whole registry");
    table(sheet, CHECKS, controls.checks);
    for (const framework of controls.frameworks) {
      frameworkPart(draft, framework, controls.checks);
    }
  });
}

function frameworkPart(
  { sheet, headings }: Draft,
  framework: Framework,
  registry: readonly CheckRow[],
): void {
  const { title, version, credentials, caveat, checks } = framework;
  headings.part(`${title}, ${version}`);
  sheet.paragraph(
    `${counted(credentials, "credential")} in scope.${caveat === null ? "" : ` ${caveat}`}`,
    SMALL,
  );
  sheet.gap(6);
  const byId = new Map((checks ?? registry).map((check) => [check.check, check]));
  const columns = controlColumns(byId);
  table(
    sheet,
    columns,
    framework.controls.filter(({ fit }) => fit !== "context"),
  );
  const context = framework.controls.filter(({ fit }) => fit === "context");
  if (context.length > 0) {
    headings.minor("Context only");
    table(sheet, columns, context);
  }
  if (checks !== null) {
    headings.minor("Checks of its scope");
    table(sheet, CHECKS, checks);
  }
}

const OVERVIEW: readonly Column<Framework>[] = [
  {
    title: "Framework",
    share: 34,
    isHead: true,
    of: ({ title, version }) => [
      { text: title, style: NAME },
      { text: version, style: NOTE },
    ],
  },
  { title: "Controls", share: 9, align: "right", of: ({ controls }) => String(controls.length) },
  ...STATUSES.map(
    (status): Column<Framework> => ({
      title: statusText(status),
      share: 9.5,
      align: "right",
      of: ({ controls }) => String(controls.filter((control) => control.status === status).length),
    }),
  ),
];

const CHECKS: readonly Column<CheckRow>[] = [
  {
    title: "Check",
    share: 42,
    isHead: true,
    of: ({ check, title, not, failing }) => [
      { text: `${check} ${title}`, style: NAME },
      { text: `Does not evidence: ${not}`, style: NOTE },
      ...failingTexts(failing.map(({ id }) => id)),
    ],
  },
  { title: "Status", share: 18, of: ({ status }) => [statusCell(status)] },
  {
    title: "Holds for",
    share: 20,
    align: "right",
    of: ({ numerator, denominator, adjusted }) => [
      { text: countText(numerator, denominator) },
      ...(adjusted === null || adjusted === numerator
        ? []
        : [{ text: `with exceptions ${countText(adjusted, denominator)}`, style: NOTE }]),
    ],
  },
  { title: "Evidence", share: 34, of: ({ evidence }) => [{ text: evidence, style: NOTE }] },
];

function controlColumns(checks: ReadonlyMap<string, CheckRow>): readonly Column<Control>[] {
  return [
    {
      title: "Control",
      share: 46,
      isHead: true,
      of: ({ id, title, not, appliesWhen, failing }) => [
        { text: `${id} ${title}`, style: NAME },
        { text: `Does not evidence: ${not}`, style: NOTE },
        ...(appliesWhen === null ? [] : [{ text: `Applies when ${appliesWhen}`, style: NOTE }]),
        ...failingTexts(failing),
      ],
    },
    { title: "Fit", share: 15, of: ({ fit }) => fit },
    { title: "Status", share: 18, of: ({ status }) => [statusCell(status)] },
    {
      title: "Checks",
      share: 31,
      of: (control) =>
        control.checks.length === 0
          ? "none: a person judges"
          : control.checks.map(({ check, status }) => {
              const row = checks.get(check);
              const count = countText(row?.numerator ?? null, row?.denominator ?? null);
              return {
                text: `${check} ${statusText(status)}${count === "-" ? "" : `, ${count}`}`,
                style: NOTE,
              };
            }),
    },
  ];
}

function failingTexts(ids: readonly string[]) {
  if (ids.length === 0) return [];
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : "";
  const text = `Failing (${ids.length}): ${ids.slice(0, SHOWN).join(", ")}${more}`;
  return [{ text, style: { ...NOTE, color: STATUS_COLORS.fail } }];
}

function statusCell(status: Status) {
  return { text: statusText(status), dot: STATUS_COLORS[status] };
}

function statusText(status: Status): string {
  return status.replace("-", " ");
}

function countText(part: number | null, whole: number | null): string {
  if (part === null || whole === null) return "-";
  return whole === 0 ? "0 of 0" : `${part} of ${whole} (${percentText(part / whole)})`;
}
