import { type ProofTable, rowsText, tableText } from "./proof-table.ts";

const BLOCK = /(<!-- proof: ([a-z0-9*-]+) -->\n)[\s\S]*?(<!-- \/proof -->)/g;

/** More rows than this are folded away, and many more stay with the results. */
const LONG = 15;
const TOO_LONG = 200;

/**
 * The page with the tables of the last test run in its places `<!-- proof: NAME --> … <!-- /proof -->`; a name that
 * ends with `*` takes all that begin so. A place whose tables were not made in that run stays as it is.
 */
export function withTables(page: string, tables: readonly ProofTable[]): string {
  return page.replace(BLOCK, (whole, start: string, name: string, end: string) => {
    const found = tables.filter((table) =>
      name.endsWith("*") ? table.name.startsWith(name.slice(0, -1)) : table.name === name,
    );
    if (found.length === 0) return whole;
    const texts = found
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((table) => (found.length === 1 ? blockOf(table) : `**${table.title}**\n\n${blockOf(table)}`));
    return `${start}\n${texts.join("\n")}\n${end}`;
  });
}

function blockOf(table: ProofTable): string {
  const { name, rows, summary } = table;
  if (rows.length <= LONG) return tableText(table);
  if (rows.length > TOO_LONG) {
    return `${summary}\n\nIts ${rows.length} rows are in \`test-results/${name}.md\` after a test run.\n`;
  }
  const folded = `<details><summary>All ${rows.length} rows</summary>\n\n${rowsText(table)}\n</details>\n`;
  return `${summary}\n\n${folded}`;
}
