/** Quotes for statements that a person is told to run; what we run ourselves is quoted by `pg`. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text constant, also where the server treats backslashes in the old way. */
export function literal(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes("\\") ? ` E'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}
