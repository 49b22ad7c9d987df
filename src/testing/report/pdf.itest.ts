import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { pdfReporter } from "../../adapters/reporters/pdf/reporter.ts";
import { figuresOf } from "../../core/report/figures.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { jsonBytes } from "../../core/text/json-bytes.ts";
import { credential, exception } from "../evaluation/world.ts";
import { findPoppler } from "../services/ladder.ts";
import { fullReport } from "./full-report.ts";
import { drawPdf, fontsIn, type PdfReading, readPdf } from "./pdf-reader.ts";
import { BROKEN, HOSTILE, RECORDS, sampleReport, WORLD } from "./sample-report.ts";

const EXCEPTIONS = 200;
const MODELS: readonly (readonly [string, ReportModel])[] = [
  ["of everything", fullReport()],
  ["without any population", sampleReport([], {})],
  ["without policies", sampleReport([credential("lonely")], {})],
  [
    "on a broken chain, by another clock",
    sampleReport(WORLD, RECORDS, {
      clock: "what-if",
      chain: { verdict: BROKEN, comparedWithCommits: true },
    }),
  ],
  [
    "with 200 exceptions on one credential",
    sampleReport([
      ...WORLD,
      ...Array.from({ length: EXCEPTIONS }, (_, at) =>
        exception(`waiver-${at}`, { credentials: ["overdue"], policy: "keys" }),
      ),
    ]),
  ],
];

/** Each model is only written once, but where that is what is tested. */
const written = new Map<ReportModel, Promise<Uint8Array>>();

async function pdfOf(model: ReportModel): Promise<Uint8Array> {
  const pdf = written.get(model) ?? write(model);
  written.set(model, pdf);
  return pdf;
}

async function write(model: ReportModel): Promise<Uint8Array> {
  for await (const { path, content } of pdfReporter.files(model)) {
    if (path === "report.pdf" && typeof content !== "string") return content;
  }
  throw new Error("there is no report.pdf");
}

/** Without what a page's width breaks lines for. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

describe.skipIf(findPoppler() === undefined).each(MODELS)("a PDF %s", (_, model) => {
  let bytes: Uint8Array;
  let read: PdfReading;
  beforeAll(async () => {
    bytes = await pdfOf(model);
    read = readPdf(bytes);
  });

  test("has the figures of every other format", () => {
    const figures = [...read.pages.join("\n").matchAll(/^([a-z]+\.[A-Za-z]+(?:\.[a-z]+)?) +(\d+)$/gm)];
    expect(figures.map(([, name, value]) => ({ name, value: Number(value) }))).toEqual(figuresOf(model));
  });

  test("says on its first page what it is about, what is wrong, and how to check it", () => {
    const { identity } = model;
    const first = flat(read.pages[0] ?? "");
    const digest = createHash("sha256").update(jsonBytes(model, 2)).digest("hex");
    for (const text of [identity.asOf, identity.commit ?? "no commit", digest, "is not an attestation"]) {
      expect(first).toContain(text);
    }
    for (const warning of identity.warnings) expect(first).toContain(warning);
  });

  test("counts its pages, and lists the sections where they are", () => {
    const { pages, info } = read;
    expect(pages).toHaveLength(Number(info["Pages"]));
    for (const [at, page] of pages.entries()) expect(page).toContain(`${at + 1} of ${pages.length}`);
    const entries = [...(pages[0] ?? "").matchAll(/(\S+(?: \S+)*) {2,}(\d+)(?= |$)/gm)].filter(
      ([, title = ""]) => outlineOf(bytes).includes(title),
    );
    expect(entries.length).toBeGreaterThan(8);
    for (const [, title = "", page] of entries) {
      expect(pages[Number(page) - 1]).toMatch(new RegExp(`^ *${title}$`, "m"));
    }
  });

  test("never says that anything is compliant", () => {
    expect(read.pages.join("\n")).not.toMatch(/compliant/i);
  });
});

/** Titles of bookmarks; an outline is not packed. */
function outlineOf(bytes: Uint8Array): readonly string[] {
  return [
    ...Buffer.from(bytes)
      .toString("latin1")
      .matchAll(/\/Title \(([^)]*)\)/g),
  ].map(([, title = ""]) => title);
}

describe.skipIf(findPoppler() === undefined)("the PDF", () => {
  let full: Uint8Array;
  beforeAll(async () => {
    const [, model] = MODELS[0]!;
    full = await pdfOf(model);
  });

  test("is the same, byte by byte, each time it is made of the same model", async () => {
    expect(Buffer.from(await write(fullReport())).equals(full)).toBe(true);
  });

  test("is tagged and titled, has its instant as its date, and bookmarks of every section", () => {
    const { info, structure } = readPdf(full);
    expect(info).toMatchObject({ Tagged: "yes", Title: "Credential rotation report", "Page size": /A4/ });
    expect(info["CreationDate"]).toMatch(/^Tue Mar 10 12:00:00 2026/);
    const text = Buffer.from(full).toString("latin1");
    for (const entry of ["/Lang (en)", "/DisplayDocTitle true", "/Alt (States of 8 credentials: 3 active"]) {
      expect(text).toContain(entry);
    }
    for (const tag of ["Document", "H1", "P", "Table", "TR", "TH", "TD", "Figure", "TOC"]) {
      expect(structure).toMatch(new RegExp(`^ *${tag}\\b`, "m"));
    }
    expect(outlineOf(full)).toEqual(
      expect.arrayContaining(["Cover", "Management summary", "Control results", "Sign-off", "Figures"]),
    );
  });

  test("embeds what it is written with, and poppler draws every page without a complaint", () => {
    const fonts = fontsIn(full);
    expect(fonts.length).toBeGreaterThan(3);
    expect(fonts.filter(({ isEmbedded }) => !isEmbedded)).toEqual([]);
    expect(drawPdf(full, 8)).toBe(Number(readPdf(full).info["Pages"]));
  });

  test("writes names in any script, the worst thousand, and where the rest is", async () => {
    const { pages } = readPdf(await pdfOf(withNames()));
    const text = pages.join("\n").replaceAll(/[\u202a-\u202e]/g, "");
    for (const name of NAMES) expect(text).toContain(name);
    expect(text).toContain("[U+1F511] keys");
    expect(text).toContain("<img src=x");
    expect(text).toContain("The worst 1000 of 1003 credentials");
    expect(text).toContain("3 more rows: csv/credentials.csv has the whole population.");
  });

  test("counts all exceptions of one credential, and lists each", async () => {
    const [, model] = MODELS.at(-1)!;
    const text = readPdf(await pdfOf(model)).pages.join("\n");
    expect(text).toContain(`${EXCEPTIONS + 2} exceptions`);
    for (let at = 0; at < EXCEPTIONS; at += 1) expect(text).toMatch(new RegExp(`^ *waiver-${at} `, "m"));
  });
});

const NAMES = [
  HOSTILE.arabic,
  HOSTILE.chinese,
  "Équipe paiements",
  "Команда платежей",
  "Ομάδα πληρωμών",
  "צוות התשלומים",
  "支払いチーム",
  "भुगतान टीम",
  "Đội thanh toán",
  "결제 팀",
  "ทีมการเงิน",
  "Վճարումների թիմ",
  "გადახდების გუნდი",
];

function withNames(): ReportModel {
  const model = sampleReport();
  const [row] = model.credentials;
  const teams = [...NAMES, "🔑 keys"];
  const credentials = Array.from({ length: 1003 }, (_, at) => ({
    ...row!,
    name: `named-${at}`,
    team: teams[at % teams.length]!,
  }));
  return { ...model, credentials };
}
