import { spawnSync } from "node:child_process";

/** What poppler reads out of a PDF. */
export interface PdfReading {
  /** Text as it lies on each page. */
  readonly pages: readonly string[];
  /** What `pdfinfo` says, by name. */
  readonly info: Readonly<Record<string, string>>;
  /** The structure that a screen reader goes through, as an indented list. */
  readonly structure: string;
}

export function readPdf(bytes: Uint8Array): PdfReading {
  const info = output("pdfinfo", ["-"], bytes);
  return {
    pages: output("pdftotext", ["-layout", "-", "-"], bytes).split("\f").slice(0, -1),
    info: Object.fromEntries(
      info
        .split("\n")
        .map((line) => /^([^:]+):\s*(.*)$/.exec(line))
        .map((match) => [match?.[1] ?? "", match?.[2] ?? ""]),
    ),
    structure: output("pdfinfo", ["-struct", "-"], bytes),
  };
}

/** Every page as a picture of this many dots per inch. Throws with what poppler has to say against the file. */
export function drawPdf(bytes: Uint8Array, dots: number): number {
  return output("pdftoppm", ["-r", String(dots), "-gray", "-"], bytes, "latin1").split("P5\n").length - 1;
}

/** Names of its fonts, each with whether it is embedded. */
export function fontsIn(
  bytes: Uint8Array,
): readonly { readonly name: string; readonly isEmbedded: boolean }[] {
  return output("pdffonts", ["-"], bytes)
    .split("\n")
    .slice(2)
    .filter((line) => line !== "")
    .map((line) => /^(\S+) .* (yes|no) +(?:yes|no) +(?:yes|no) +\d+ +\d+$/.exec(line))
    .map((match) => ({ name: match?.[1] ?? "", isEmbedded: match?.[2] === "yes" }));
}

function output(
  command: string,
  args: readonly string[],
  input: Uint8Array,
  encoding: "utf8" | "latin1" = "utf8",
): string {
  const { stdout, stderr, status } = spawnSync(command, args, { input, encoding, maxBuffer: 1 << 28 });
  if (status !== 0 || stderr !== "") throw new Error(`${command}: ${stderr}`);
  return stdout;
}
