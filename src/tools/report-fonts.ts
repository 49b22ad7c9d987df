import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fontFilePaths } from "../adapters/reporters/pdf/fonts/font-files.ts";

const FONTS = fileURLToPath(new URL("../../node_modules/@fontsource/", import.meta.url));

/**
 * What the folder `fonts` beside built code has: of the fonts' packages, which only a checkout has, the files that a
 * report in PDF needs, with their licences.
 */
export function reportFonts(): ReadonlyMap<string, Uint8Array> {
  const paths = fontFilePaths((path) => readFileSync(join(FONTS, path), "utf8"));
  return new Map(paths.map((path) => [path, readFileSync(join(FONTS, path))]));
}
