import { type ProofTable, tableText } from "./proof-table.ts";

const BLOCK = /(<!-- proof: ([a-z0-9*-]+) -->\n)[\s\S]*?(<!-- \/proof -->)/g;

/** More rows than this are folded away. */
const LONG = 15;

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
  if (table.rows.length <= LONG) return tableText(table);
  const [summary = "", ...rows] = tableText(table).split("\n\n");
  return `${summary}\n\n<details><summary>All ${table.rows.length} rows</summary>\n\n${rows.join("\n\n")}\n</details>\n`;
}
