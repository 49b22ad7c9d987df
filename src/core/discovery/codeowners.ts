import { globMatches } from "../text/glob.ts";

/** Owners of a file by the text of a CODEOWNERS file: those of the last rule that matches; none: nobody. */
export function codeownersOf(text: string, path: string): readonly string[] {
  let owners: readonly string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [pattern, ...rest] = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    if (pattern === undefined || pattern === "") continue;
    if (ruleMatches(pattern, path)) owners = rest;
  }
  return owners;
}

/** As gitignore has it: a leading slash is the root, a trailing one everything below, no slash any depth. */
function ruleMatches(pattern: string, path: string): boolean {
  const bare = pattern.replace(/^\//, "").replaceAll(/\*\*\/?/g, "*");
  const isRooted = pattern.slice(0, -1).includes("/");
  const starts = isRooted ? [path] : [path, ...tails(path)];
  return starts.some(
    (start) => globMatches(bare, start) || globMatches(`${bare.replace(/\/$/, "")}/*`, start),
  );
}

function tails(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(index + 1).join("/"));
}
