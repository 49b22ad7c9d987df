import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CreError } from "../../../../core/model/errors.ts";

/**
 * Where the fonts are, seen from a module: `fonts` beside what was built, else the packages of a checkout. Throws a
 * CreError where neither is.
 */
export function fontFolder(module: string): string {
  for (let folder = dirname(module); ; folder = dirname(folder)) {
    const found = [join(folder, "fonts"), join(folder, "node_modules", "@fontsource")].find((place) =>
      existsSync(join(place, "noto-sans", "unicode.json")),
    );
    if (found !== undefined) return found;
    if (folder === dirname(folder)) break;
  }
  throw new CreError("report-not-written", "The fonts of the PDF report are missing in this installation.", {
    evidence: `no folder fonts above ${module}`,
    fix: "Install the package again, or leave out `pdf` with --format.",
  });
}

/** Text and bytes of the files below that folder. */
export function fontReader(folder: string): {
  readonly text: (path: string) => string;
  readonly bytes: (path: string) => Buffer;
} {
  return {
    text: (path) => readFileSync(join(folder, path), "utf8"),
    bytes: (path) => readFileSync(join(folder, path)),
  };
}
