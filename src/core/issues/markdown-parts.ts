import { markdownCode, markdownText } from "../text/encode/markdown.ts";

/** Bytes of a body; the forge takes 65,536 characters. */
const LONGEST = 60_000;

/** A sentence of ours with people's words in it; what stands between backticks becomes code. */
export function markdownProse(text: string): string {
  const pieces = text.split(/`([^`]+)`/);
  return pieces
    .map((piece, at) => {
      if (at % 2 === 1) return markdownCode(piece);
      const [before, after] = [/^\s/.test(piece) ? " " : "", /\S\s+$/.test(piece) ? " " : ""];
      return `${before}${markdownText(piece, 2000)}${after}`;
    })
    .join("");
}

/** A table of cells that are encoded already. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return [rowOf(header), rowOf(header.map(() => "---")), ...rows.map(rowOf)];
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Points of a list that people tick off. */
export function tickList(points: readonly string[]): readonly string[] {
  return points.map((point) => `- [ ] ${point}`);
}

/** Ticks that people set on points that are still there stay set. */
export function withTicks(body: string, before: string): string {
  const ticked = new Set(
    linesOf(before).flatMap((line) => /^- \[[xX]\] (?<point>.+)$/.exec(line)?.groups?.["point"] ?? []),
  );
  if (ticked.size === 0) return body;
  return linesOf(body)
    .map((line) => (line.startsWith("- [ ] ") && ticked.has(line.slice(6)) ? `- [x] ${line.slice(6)}` : line))
    .join("\n");
}

/** All points of a list are ticked, and there is one. */
export function isAllTicked(body: string): boolean {
  const points = linesOf(body).filter((line) => /^- \[[ xX]\] /.test(line));
  return points.length > 0 && points.every((line) => !line.startsWith("- [ ] "));
}

/** The forge may give back another line end than it was given. */
function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/);
}

/** A whole body; blocks are lists of lines, between which stands an empty line. Cut where it would be too long. */
export function bodyOf(blocks: readonly (readonly string[])[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const block of blocks.filter(({ length: lines }) => lines > 0)) {
    const text = block.join("\n");
    length += text.length + 2;
    if (length > LONGEST) {
      kept.push("*The rest is too long for an issue.*");
      break;
    }
    kept.push(text);
  }
  return kept.join("\n\n");
}

export function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
