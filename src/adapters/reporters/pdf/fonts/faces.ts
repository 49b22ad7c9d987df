import { type FontPart, fontParts, type Weight } from "./font-files.ts";
import { fontFolder, fontReader } from "./font-folder.ts";
import { trueTypeOf } from "./true-type.ts";
import { isIn } from "./unicode-ranges.ts";

/** Where glyphs of a text go, in thousandths of its size. */
interface Position {
  readonly xAdvance: number;
  readonly xOffset: number;
  readonly yOffset: number;
  /** Width that the font says, which a viewer advances by itself. */
  readonly advanceWidth: number;
}

/** A font as pdfkit has it once it is in a document: some of its characters are shaped, and those are embedded. */
export interface Face {
  readonly id: string;
  /** Glyphs of a text in hexadecimal, in the order in which they are seen. */
  encode(text: string): readonly [readonly string[], readonly Position[]];
  ref(): object;
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** The fonts of a document; each is opened when a character first needs it. */
export interface Faces {
  /** undefined: no font has it. */
  faceOf(codePoint: number, weight: Weight): Face | undefined;
}

export function facesOf(document: PDFKit.PDFDocument, module: string): Faces {
  const files = fontReader(fontFolder(module));
  const parts = fontParts(files.text);
  const opened = new Map<string, Face>();
  const known = { 400: new Map<number, Face | undefined>(), 600: new Map<number, Face | undefined>() };

  function open(part: FontPart, wanted: Weight): Face {
    const weight = part.weights.includes(wanted) ? wanted : 400;
    const name = `${part.name}-${weight}`;
    const open = opened.get(name);
    if (open !== undefined) return open;
    document.registerFont(name, trueTypeOf(files.bytes(part.path(weight)))).font(name);
    // `as`: what pdfkit has for an embedded font; its types leave out what its own `text` does with it.
    const { _font: face } = document as unknown as { readonly _font: Face };
    opened.set(name, face);
    return face;
  }

  function find(codePoint: number, weight: Weight): Face | undefined {
    for (const part of parts) {
      if (!isIn(part.ranges, codePoint)) continue;
      const face = open(part, weight);
      if (face.font.hasGlyphForCodePoint(codePoint)) return face;
    }
    return undefined;
  }

  return {
    faceOf: (codePoint, weight) => {
      const faces = known[weight];
      if (!faces.has(codePoint)) faces.set(codePoint, find(codePoint, weight));
      return faces.get(codePoint);
    },
  };
}
