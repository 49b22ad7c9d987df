/** The records of a CSV file by the titles of its first line, read as RFC 4180 says it. Throws where it does not fit. */
export function csvRecords(text: string): readonly Readonly<Record<string, string>>[] {
  const rows: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  cell.lastIndex = text.startsWith("\ufeff") ? 1 : 0;
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    if (found === null) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
    const [, quoted, plain = "", end] = found;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  const [titles = [], ...records] = rows;
  return records.map((cells) => {
    if (cells.length !== titles.length) throw new Error(`${cells.length} cells, ${titles.length} titles`);
    return Object.fromEntries(titles.map((title, at) => [title, cells[at] ?? ""]));
  });
}
