import { CHECKS } from "../core/compliance/check-table.ts";

/** The table of checks for the page on compliance. Its texts are our own: Markdown, without a bar. */
export function checkReference(): string {
  const rows = CHECKS.map(
    ({ id, name, title, formula, not }) => `| ${id} | \`${name}\`<br>${title} | ${formula} | ${not} |`,
  );
  return ["| check | what | counted | does not evidence |", "|---|---|---|---|", ...rows, ""].join("\n");
}
