import { createHash } from "node:crypto";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { jsonBytes } from "../../../core/text/json-bytes.ts";
import type { Draft } from "./draft.ts";
import { facesOf } from "./fonts/faces.ts";
import { headingsOf } from "./page/headings.ts";
import { runningTitles } from "./page/running-titles.ts";
import { PAGE, sheetOf } from "./page/sheet.ts";
import { declaredAccess } from "./sections/access.ts";
import { auditVerification } from "./sections/audit-verification.ts";
import { controlResults } from "./sections/controls.ts";
import { cover } from "./sections/cover.ts";
import { credentials } from "./sections/credentials.ts";
import { criteria } from "./sections/criteria.ts";
import { deviations } from "./sections/deviations.ts";
import { discoveryPages } from "./sections/discovery.ts";
import { exceptionsRegister } from "./sections/exceptions.ts";
import { figuresPage } from "./sections/figures.ts";
import { openWorkPages } from "./sections/open-work.ts";
import { periodActivity } from "./sections/period.ts";
import { signOff } from "./sections/sign-off.ts";
import { summary } from "./sections/summary.ts";
import { shaperOf } from "./type/shaper.ts";

const TITLE = "Credential rotation report";

/** The whole report as the bytes of a PDF; the same model gives the same bytes. */
export async function reportDocument(model: ReportModel): Promise<Uint8Array> {
  const [{ default: PDFDocument }, bidi] = await Promise.all([import("pdfkit"), import("bidi-js")]);
  // `as`: the types are those of its module of the newer system, Node loads that of the older, which is the function.
  const bidiOf = bidi.default as unknown as (typeof bidi)["default"]["default"];
  const document = new PDFDocument({
    size: [PAGE.width, PAGE.height],
    margin: 0,
    pdfVersion: "1.7",
    bufferPages: true,
    tagged: true,
    lang: "en",
    displayTitle: true,
    info: {
      Title: TITLE,
      Author: "Credential Rotation Enforcer",
      Subject: `As of ${model.identity.asOf}`,
      Creator: "Credential Rotation Enforcer",
      // The only clock in it: without it pdfkit would take that of the machine.
      CreationDate: new Date(model.identity.asOf),
    },
    // None of the fonts that every viewer brings: they lack most scripts, and no bundle finds them.
    ...({ font: null } as object),
  });
  const bytes = collected(document);
  const digest = createHash("sha256").update(jsonBytes(model, 2)).digest("hex");
  const sheet = sheetOf(document, shaperOf(facesOf(document, import.meta.filename), bidiOf()));
  const headings = headingsOf(sheet);
  const draft: Draft = { sheet, headings, model };
  cover(draft, digest);
  summary(draft);
  controlResults(draft);
  criteria(draft);
  periodActivity(draft);
  credentials(draft);
  openWorkPages(draft);
  exceptionsRegister(draft);
  deviations(draft);
  auditVerification(draft);
  declaredAccess(draft);
  discoveryPages(draft);
  signOff(draft, digest);
  figuresPage(draft);
  headings.listContents();
  runningTitles(sheet, model, digest);
  document.end();
  return bytes;
}

async function collected(document: PDFKit.PDFDocument): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of document) {
    // `as`: pdfkit pushes bytes, which the type of a stream does not say.
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}
