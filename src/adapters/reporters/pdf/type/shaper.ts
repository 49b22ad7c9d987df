import type { Bidi } from "bidi-js";
import type { Face, Faces } from "../fonts/faces.ts";
import type { Weight } from "../fonts/font-files.ts";
import { hasRightToLeft, visualRuns } from "./visual-order.ts";

/** Glyphs of one font, one after the other. */
interface Piece {
  readonly face: Face;
  /** Elements of an array of the operator TJ; `rise` lifts marks, in thousandths of the size. */
  readonly shows: readonly { readonly rise: number; readonly elements: string }[];
}

/** A text as glyphs, in the order in which they are seen. */
export interface Shaped {
  readonly pieces: readonly Piece[];
  /** In thousandths of the size. */
  readonly width: number;
}

/** What all that Latin fonts have at once looks like: most texts, for which nobody has to look further. */
const LATIN = /^[\u0020-\u007e\u00a0-\u00ff]*$/;
const MARK = /^\p{M}$/u;

/** Makes glyphs of texts; each word is only shaped once. */
export interface Shaper {
  /** A line as it is seen: words from right to left stand in their own order. */
  line(text: string, weight: Weight): Shaped;
  /** Width of a text without a space in it, in thousandths of the size. */
  widthOfWord(word: string, weight: Weight): number;
}

export function shaperOf(faces: Faces, bidi: Bidi): Shaper {
  const words = { 400: new Map<string, Shaped>(), 600: new Map<string, Shaped>() };

  /** Without a space, and in one direction. */
  function word(text: string, weight: Weight): Shaped {
    const known = words[weight].get(text);
    if (known !== undefined) return known;
    const shaped = joined(partsOf(text, weight, faces).map(([face, part]) => shapedBy(face, part)));
    words[weight].set(text, shaped);
    return shaped;
  }

  function leftToRight(text: string, weight: Weight): readonly Shaped[] {
    return wordsWithSpaces(text).map((part) => word(part, weight));
  }

  /** Fonts put letters of such a script into the order in which they are seen; of all else that is done here. */
  function rightToLeft(text: string, weight: Weight): readonly Shaped[] {
    return wordsWithSpaces(text)
      .flatMap((part) => partsOf(part, weight, faces))
      .toReversed()
      .map(([face, part]) =>
        shapedBy(face, hasRightToLeft(part) ? part : Array.from(part).toReversed().join("")),
      );
  }

  return {
    line: (text, weight) => {
      if (!hasRightToLeft(text)) return joined(leftToRight(text, weight));
      return joined(
        visualRuns(bidi, text).flatMap((run) =>
          run.isRightToLeft ? rightToLeft(run.text, weight) : leftToRight(run.text, weight),
        ),
      );
    },
    widthOfWord: (text, weight) => word(text, weight).width,
  };
}

function wordsWithSpaces(text: string): readonly string[] {
  return text.split(/( )/).filter((part) => part !== "");
}

/** A text cut where another font begins. What no font has becomes its code point, which nobody overlooks. */
function partsOf(text: string, weight: Weight, faces: Faces): readonly (readonly [Face, string])[] {
  const latin = faces.faceOf(0x20, weight);
  if (latin === undefined) throw new Error("the font of Latin letters has no space");
  if (LATIN.test(text)) return [[latin, text]];
  const parts: [Face, string][] = [];
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const last = parts.at(-1);
    const found = isMarkOf(last?.[0], character, codePoint) ? last?.[0] : faces.faceOf(codePoint, weight);
    const [face, shown] =
      found === undefined
        ? [latin, `[U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}]`]
        : [found, character];
    if (last?.[0] === face) last[1] += shown;
    else parts.push([face, shown]);
  }
  return parts;
}

/** A mark sits on the letter before it, so it is of the same font if that has it. */
function isMarkOf(face: Face | undefined, character: string, codePoint: number): boolean {
  return face !== undefined && MARK.test(character) && face.font.hasGlyphForCodePoint(codePoint);
}

function joined(parts: readonly Shaped[]): Shaped {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return {
    pieces: parts.flatMap(({ pieces }) => pieces),
    width: parts.reduce((sum, { width }) => sum + width, 0),
  };
}

function shapedBy(face: Face, text: string): Shaped {
  const [glyphs, positions] = face.encode(text);
  const shows: { rise: number; elements: string }[] = [];
  let width = 0;
  for (const [at, glyph] of glyphs.entries()) {
    const { xAdvance = 0, xOffset = 0, yOffset: rise = 0, advanceWidth = 0 } = positions[at] ?? {};
    const elements = `${kern(-xOffset)}<${glyph}>${kern(xOffset - (xAdvance - advanceWidth))}`;
    const last = shows.at(-1);
    if (last?.rise === rise) last.elements += elements;
    else shows.push({ rise, elements });
    width += xAdvance;
  }
  return {
    pieces: [
      { face, shows: shows.map(({ rise, elements }) => ({ rise, elements: elements.replaceAll("><", "") })) },
    ],
    width,
  };
}

/** Of an array of TJ: what it takes away from the place of the next glyph. */
function kern(amount: number): string {
  const rounded = Math.round(amount * 100) / 100;
  return rounded === 0 ? "" : String(rounded);
}
