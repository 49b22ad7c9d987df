import { fontParts } from "../../adapters/reporters/pdf/fonts/font-files.ts";
import { fontFolder, fontReader } from "../../adapters/reporters/pdf/fonts/font-folder.ts";
import { trueTypeOf } from "../../adapters/reporters/pdf/fonts/true-type.ts";
import { reportDocument } from "../../adapters/reporters/pdf/report-document.ts";
import type { CredentialRow, ReportModel } from "../../core/report/report-schema.ts";
import { sampleReport } from "../report/sample-report.ts";
import { alternate, type Comparison, compare } from "./rounds.ts";

const ROWS = 1000;
const ROUNDS = 5;

/**
 * A thousand credentials as a PDF: ours is the whole report, tagged, with its cover, its charts and all other sections;
 * the peer is a document with nothing but the same rows in pdfkit's own table, in the same font, which is not tagged.
 * Helvetica, with which the peer would be quicker, cannot write the names.
 */
export async function comparePdfRows(): Promise<Comparison> {
  const model = thousand();
  const wrong = new Set<string>();
  const ours = async (): Promise<void> => {
    const bytes = await reportDocument(model);
    if (pagesIn(bytes) < 20) wrong.add("the report has fewer pages than its rows need");
  };
  const peer = async (): Promise<void> => {
    const pages = pagesIn(await tableOf(model.credentials));
    if (pages < 20) wrong.add("the table has fewer pages than its rows need");
  };
  await ours();
  return compare({ id: "R2", goal: 3, stretch: 5 }, await alternate(ROUNDS, ours, peer), [...wrong]);
}

function thousand(): ReportModel {
  const model = sampleReport();
  const rows = model.credentials;
  const credentials = Array.from({ length: ROWS }, (_, at) => {
    const row = rows[at % rows.length];
    if (row === undefined) throw new Error("the sample has no credentials");
    const service = `service-${at % 50}`;
    return { ...row, name: `credential-${at}-of-orders`, service, file: `registry/${service}.yaml` };
  });
  return { ...model, credentials };
}

async function tableOf(credentials: readonly CredentialRow[]): Promise<Uint8Array> {
  const { default: PDFDocument } = await import("pdfkit");
  const document = new PDFDocument({ size: "A4", margin: 50 });
  const chunks: Uint8Array[] = [];
  document.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise((done) => document.on("end", done));
  const files = fontReader(fontFolder(import.meta.filename));
  const [latin] = fontParts(files.text);
  if (latin === undefined) throw new Error("there is no font");
  document.font(trueTypeOf(files.bytes(latin.path(400)))).fontSize(8);
  const head = ["Credential", "State", "Due", "Last rotated", "Owner", "Policy"];
  document.table({ data: [head, ...credentials.map(cellsOf)] });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

/** The texts of the report's own columns. */
function cellsOf(row: CredentialRow): string[] {
  return [
    `${row.name}\n${row.type}, ${row.file}:${row.line}`,
    `${row.state}\n${row.findings} findings`,
    `${row.dueAt?.slice(0, 10) ?? "no date"}\n${row.daysUntilDue} days`,
    `${row.lastRotatedAt.slice(0, 10)}\n${row.lastRotatedSource}`,
    `${row.team}\n${row.service}\n${row.contact}`,
    `${row.policy ?? "none"}\n${row.exception ?? ""}`,
  ];
}

function pagesIn(bytes: Uint8Array): number {
  return Number(/\/Count (\d+)/.exec(Buffer.from(bytes).toString("latin1"))?.[1] ?? 0);
}
