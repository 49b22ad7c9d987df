import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import type { Draft } from "../draft.ts";
import { COLORS } from "../page/colors.ts";
import { BODY, PAGE, type Sheet, SMALL, STRONG, type Style } from "../page/sheet.ts";

type Identity = ReportModel["identity"];

const TITLE: Style = { size: 28, weight: 600, color: COLORS.paper, leading: 36 };
const SUBTITLE: Style = { ...BODY, size: 11, color: COLORS.paper, leading: 16 };
const ALARM: Style = { size: 15, weight: 600, color: COLORS.danger, leading: 21 };
const BAND = 150;
const LABEL = 118;

const CLOCKS: Readonly<Record<Identity["clock"], string>> = {
  present: "present: documents and records as they stand, by the clock of that instant",
  "as-of": "as of: documents, records and clock of that instant",
  "what-if": "what if: documents and records as they stand, by another clock",
};

/** What it is about, what must be known before the first number, and how to check that nobody changed it. */
export function cover({ sheet, headings, model }: Draft, digest: string): void {
  const { identity } = model;
  const { document, tags, ink } = sheet;
  document.outline.addItem("Cover");
  tags.decoration(() => ink.box({ x: 0, y: 0, width: PAGE.width, height: BAND }, COLORS.brand));
  tags.group("Sect", () => {
    sheet.y = 54;
    line(sheet, "H1", "Credential rotation report", TITLE);
    line(sheet, "P", identity.repository ?? "(a repository without an address)", SUBTITLE);
    line(sheet, "P", `As of ${identity.asOf}`, SUBTITLE);
    sheet.y = BAND + 22;
    alarm(sheet, model);
    facts(sheet, factsOf(model));
    sheet.gap(6);
    checkable(sheet, model, digest);
    sheet.gap(8);
    sheet.paragraph(
      "This report supports an assessment; it is not an attestation. It measures credentials against the organisation's own policies and says what the evidence supports; whether a control is met, an assessor judges. It contains no secret values.",
    );
  });
  headings.contents();
}

function line(sheet: Sheet, type: string, text: string, style: Style): void {
  const [first = ""] = sheet.lines(text, style, sheet.width, 1);
  sheet.tags.content(type, () => sheet.drawLine(first, { x: sheet.left, y: sheet.y }, style));
  sheet.y += style.leading;
}

/** The gravest first, in a box that nobody overlooks; what only explains the numbers stands in a quiet one. */
function alarm(sheet: Sheet, { identity, health }: ReportModel): void {
  const { warnings } = identity;
  if (warnings.length === 0) return;
  const titles = [
    ...(health.chain.verdict === "broken" ? ["The audit chain is broken"] : []),
    ...(identity.clock === "what-if" ? ["What if: this is no evidence"] : []),
  ];
  const isGrave = titles.length > 0;
  const title = isGrave ? titles.join(". ") : "Read this first";
  const style = isGrave ? ALARM : { ...ALARM, size: 11, leading: 17, color: COLORS.warning };
  const width = sheet.width - 32;
  const texts = warnings.map((warning) => sheet.lines(warning, BODY, width));
  const height = texts.reduce((sum, lines) => sum + lines.length * BODY.leading + 3, style.leading + 16);
  const box = { x: sheet.left, y: sheet.y, width: sheet.width, height };
  sheet.tags.decoration(() => {
    sheet.ink.box(box, isGrave ? COLORS.dangerWash : COLORS.wash);
    sheet.ink.box({ ...box, width: 5 }, isGrave ? COLORS.danger : COLORS.warning);
  });
  const x = sheet.left + 18;
  sheet.y += 8;
  sheet.tags.content("H2", () => sheet.drawLine(title, { x, y: sheet.y }, style));
  sheet.y += style.leading;
  for (const warning of warnings) sheet.paragraph(warning, BODY, { left: x, width });
  sheet.y = box.y + height + 14;
}

type Fact = readonly [name: string, value: string];

function factsOf({ identity, health, period, population }: ReportModel): readonly Fact[] {
  const { chain, newestEntry } = health;
  const compared =
    chain.comparedWithCommits && chain.entries > 0 ? ", compared with the heads that commits recorded" : "";
  return [
    ["Repository", identity.repository ?? "no address: no remote, or one on this machine"],
    ["Documents", identity.commit === null ? "no commit" : `commit ${identity.commit}`],
    [
      "Records",
      identity.stateCommit === null ? "none yet" : `commit ${identity.stateCommit} of the state branch`,
    ],
    ["As of", `${identity.asOf} (UTC)`],
    ["Clock", CLOCKS[identity.clock]],
    [
      "Period",
      period === null
        ? "none: how things stand at that instant"
        : `${period.words}: from ${period.from} until before ${period.to}`,
    ],
    ["Selection", identity.selection ?? "all credentials"],
    [
      "Population",
      `${counted(population.credentials, "credential")}, ${counted(population.policies, "policy", "policies")}`,
    ],
    [
      "Audit chain",
      `${chain.verdict}, ${counted(chain.entries, "entry", "entries")} in ${counted(chain.segments, "segment")}${compared}`,
    ],
    ["Newest entry", newestEntry === null ? "none" : `number ${newestEntry.seq} of ${newestEntry.time}`],
  ];
}

function facts(sheet: Sheet, rows: readonly Fact[]): void {
  sheet.tags.group("Table", () => {
    for (const [name, value] of rows) {
      const lines = sheet.lines(value, BODY, sheet.width - LABEL);
      sheet.need(lines.length * BODY.leading + 5);
      sheet.tags.group("TR", () => {
        const { left: x, y } = sheet;
        sheet.tags.content("TH", () => sheet.drawLine(name, { x, y }, STRONG), { scope: "Row" });
        sheet.tags.content("TD", () => {
          for (const [at, text] of lines.entries()) {
            sheet.drawLine(text, { x: x + LABEL, y: y + at * BODY.leading }, BODY);
          }
        });
      });
      sheet.y += lines.length * BODY.leading + 5;
    }
  });
}

function checkable(sheet: Sheet, { identity, health }: ReportModel, digest: string): void {
  const { ink, tags } = sheet;
  const sentences = [
    "sha256sum report.json gives it; manifest.json lists it, with that of this file.",
    ...(identity.clock === "as-of"
      ? [
          "The same command with the same --as-of, in any clone that has the commits above, makes the same data.",
        ]
      : []),
    ...(health.chain.verdict === "broken"
      ? ["It proves the data unchanged, not the records behind them."]
      : []),
  ];
  const inner = { left: sheet.left + 12, width: sheet.width - 24 };
  const lines = sheet.lines(sentences.join(" "), SMALL, inner.width);
  const height = 38 + lines.length * SMALL.leading;
  sheet.need(height);
  const box = { x: sheet.left, y: sheet.y, width: sheet.width, height };
  tags.decoration(() => ink.frame(box, COLORS.faint, 0.8));
  sheet.y += 7;
  const title = "SHA-256 of the data that this report was made from (report.json)";
  sheet.paragraph(title, { ...SMALL, weight: 600 }, inner);
  sheet.paragraph(digest, { ...BODY, weight: 600 }, inner);
  sheet.paragraph(sentences.join(" "), SMALL, inner);
  sheet.y = box.y + height;
}
