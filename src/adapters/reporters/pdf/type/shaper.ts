import type { Bidi } from "bidi-js";
import type { Face, Faces } from "../fonts/faces.ts";
import type { Weight } from "../fonts/font-files.ts";
import { hasRightToLeft, visualRuns } from "./visual-order.ts";

/** Glyphs of one font, one after the other. */
interface Piece {
  readonly face: Face;
  /** How much marks are lifted, in thousandths of the size. */
  readonly rise: number;
  /** Of an array of the operator TJ. */
  readonly elements: string;
}

/** A text as glyphs, in the order in which they are seen. */
export interface Shaped {
  readonly pieces: readonly Piece[];
  /** In thousandths of the size. */
  readonly width: number;
}

/** What all that Latin fonts have at once looks like: most texts, for which nobody has to look further. */
const LATIN = /^[\u0020-\u007e\u00a0-\u00ff]*$/;
const SMALL_PARTS = /[^ \-./:_,@0-9]+|[ \-./:_,@]|[0-9]{1,2}/g;
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

  /** By small parts, which come again in other names; that letters at their borders move no closer, nobody sees. */
  function leftToRight(text: string, weight: Weight): readonly Shaped[] {
    return (text.match(SMALL_PARTS) ?? []).map((part) => word(part, weight));
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
    widthOfWord: (text, weight) =>
      LATIN.test(text)
        ? leftToRight(text, weight).reduce((sum, { width }) => sum + width, 0)
        : word(text, weight).width,
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

/** What follows on glyphs of the same font at the same height becomes one with them. */
function joined(parts: readonly Shaped[]): Shaped {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const pieces: { face: Face; rise: number; elements: string }[] = [];
  let width = 0;
  for (const part of parts) {
    width += part.width;
    for (const { face, rise, elements } of part.pieces) {
      const last = pieces.at(-1);
      if (last?.face === face && last.rise === rise) last.elements += elements;
      else pieces.push({ face, rise, elements });
    }
  }
  return { pieces, width };
}

function shapedBy(face: Face, text: string): Shaped {
  const [glyphs, positions] = face.encode(text);
  const pieces: { face: Face; rise: number; elements: string }[] = [];
  let width = 0;
  for (const [at, glyph] of glyphs.entries()) {
    const { xAdvance = 0, xOffset = 0, yOffset: rise = 0, advanceWidth = 0 } = positions[at] ?? {};
    const elements = `${kern(-xOffset)}<${glyph}>${kern(xOffset - (xAdvance - advanceWidth))}`;
    const last = pieces.at(-1);
    if (last?.rise === rise) last.elements += elements;
    else pieces.push({ face, rise, elements });
    width += xAdvance;
  }
  return { pieces, width };
}

/** Of an array of TJ: what it takes away from the place of the next glyph. */
function kern(amount: number): string {
  const rounded = Math.round(amount * 100) / 100;
  return rounded === 0 ? "" : ` ${rounded} `;
}
