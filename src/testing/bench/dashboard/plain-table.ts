import { credentialLines } from "../../../core/report/api/credential-lines.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";

const TITLES =
  "Credential State Level Due Days Rotated Owner Contact Service Type Method Provider Policy Exception Findings Labels".split(
    " ",
  );

/** What one would write first: a row of a table for each line of the API's list. */
export function plainTable(model: ReportModel): string {
  const rows = credentialLines(model).map((line) =>
    [
      line.name,
      line.state,
      line.level,
      line.dueAt,
      line.daysUntilDue,
      line.lastRotatedAt,
      line.team,
      line.contact,
      line.service,
      line.type,
      line.method,
      line.provider,
      line.policy,
      line.exception,
      line.findings,
      Object.entries(line.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(", "),
    ]
      .map((cell) => `<td>${cell ?? ""}</td>`)
      .join(""),
  );
  const head = TITLES.map((title) => `<th>${title}</th>`).join("");
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Credentials</title>
<style>table { border-collapse: collapse } td, th { border: 1px solid #ccc; padding: 4px 8px; font: 14px sans-serif }</style>
<table data-rows="${rows.length + 1}"><thead><tr>${head}</tr></thead><tbody>
${rows.map((cells) => `<tr>${cells}</tr>`).join("\n")}
</tbody></table></html>
`;
}
