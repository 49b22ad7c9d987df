import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";

/** `report.pdf`: for people who read a report from its first page, and for those who sign it. */
export const pdfReporter: Reporter = {
  format: "pdf",
  files: async function* (model): AsyncIterable<ReportFile> {
    const { reportDocument } = await import("./report-document.ts");
    yield { path: "report.pdf", content: await reportDocument(model) };
  },
};
