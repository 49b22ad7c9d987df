import { type Range, rangesOf } from "./unicode-ranges.ts";

/** How bold: `600` only where a script has it. */
export type Weight = 400 | 600;

/** Fonts of one script, as a package has them: which of its files are used. */
interface Family {
  /** Folder in `@fontsource`, and in `fonts/` of what was built. */
  readonly folder: string;
  readonly weights: readonly Weight[];
  /** Keys of its `unicode.json`; without: every numbered part, of which each has some hundred characters. */
  readonly parts?: readonly string[];
}

/** Which come first where several have a character. */
const FAMILIES: readonly Family[] = [
  {
    folder: "noto-sans",
    weights: [400, 600],
    parts: [
      "latin",
      "latin-ext",
      "cyrillic",
      "cyrillic-ext",
      "greek",
      "greek-ext",
      "vietnamese",
      "devanagari",
    ],
  },
  { folder: "noto-sans-arabic", weights: [400, 600], parts: ["arabic"] },
  { folder: "noto-sans-hebrew", weights: [400, 600], parts: ["hebrew"] },
  { folder: "noto-sans-armenian", weights: [400], parts: ["armenian"] },
  { folder: "noto-sans-georgian", weights: [400], parts: ["georgian"] },
  { folder: "noto-sans-thai", weights: [400], parts: ["thai"] },
  { folder: "noto-sans-sc", weights: [400] },
  // After the Chinese one, whose forms of the common characters are the others' here.
  { folder: "noto-sans-kr", weights: [400] },
  { folder: "noto-sans-arabic", weights: [400], parts: ["math", "symbols"] },
];

/** Some characters of a family, in a file for each weight. */
export interface FontPart {
  readonly name: string;
  readonly folder: string;
  readonly ranges: readonly Range[];
  readonly weights: readonly Weight[];
  /** Below the folder of all fonts. */
  readonly path: (weight: Weight) => string;
}

/** The parts of all families, in the order in which they are asked; `read` gives a file below the folder of all fonts. */
export function fontParts(read: (path: string) => string): readonly FontPart[] {
  return FAMILIES.flatMap(({ folder, weights, parts }) => {
    // Written by the package, as its documentation says: names of parts with their characters.
    const ranges = JSON.parse(read(`${folder}/unicode.json`)) as Readonly<Record<string, string>>;
    const keys = parts ?? Object.keys(ranges).filter((key) => /^\[\d+\]$/.test(key));
    return keys.map((key): FontPart => {
      const part = key.replaceAll(/[[\]]/g, "");
      return {
        name: `${folder}-${part}`,
        folder,
        ranges: rangesOf(ranges[key] ?? ""),
        weights,
        path: (weight) => `${folder}/files/${folder}-${part}-${weight}-normal.woff`,
      };
    });
  });
}

/** Every file that a report in PDF may need, with the licences of the fonts. */
export function fontFilePaths(read: (path: string) => string): readonly string[] {
  const parts = fontParts(read);
  const folders = [...new Set(parts.map(({ folder }) => folder))];
  return [
    ...folders.flatMap((folder) => [`${folder}/LICENSE`, `${folder}/unicode.json`]),
    ...parts.flatMap(({ weights, path }) => weights.map(path)),
  ];
}
