import { plainLine } from "../../../../core/text/plain-line.ts";
import type { Weight } from "../fonts/font-files.ts";
import { linesOf } from "../type/line-breaks.ts";
import type { Shaper } from "../type/shaper.ts";
import { COLORS, type Color } from "./colors.ts";
import { type Ink, inkOf, type Place } from "./ink.ts";
import { readingOrder, type Tags, tagsOf } from "./tags.ts";

/** How a text looks. */
export interface Style {
  readonly size: number;
  readonly weight: Weight;
  readonly color: Color;
  /** From base line to base line. */
  readonly leading: number;
}

export const BODY: Style = { size: 9, weight: 400, color: COLORS.ink, leading: 13 };
export const SMALL: Style = { size: 7.5, weight: 400, color: COLORS.quiet, leading: 10.5 };
export const STRONG: Style = { ...BODY, weight: 600 };

/** A4, in points. */
export const PAGE = { width: 595.28, height: 841.89 } as const;
/** What is left for content. */
export const FRAME = { left: 50, top: 64, right: PAGE.width - 50, bottom: PAGE.height - 58 } as const;

/** The pages of a report, filled from top to bottom. */
export interface Sheet {
  readonly document: PDFKit.PDFDocument;
  readonly ink: Ink;
  readonly tags: Tags;
  readonly left: number;
  readonly width: number;
  /** Where the next thing goes. */
  y: number;
  /** Begins a page where less than this is left of the present one; says whether it did. */
  need(height: number): boolean;
  newPage(): void;
  /** What happens before a page is left. */
  onLeave(work: (() => void) | undefined): void;
  /** What anybody wrote, as lines without anything that hides or turns text. */
  lines(text: string, style: Style, width: number, most?: number): readonly string[];
  widthOf(line: string, style: Style): number;
  /** One line, its upper edge at `place`; cut to nothing, wrapped nowhere. */
  drawLine(line: string, place: Place, style: Style, align?: "left" | "right" | "center"): void;
  /** A paragraph over the whole width, or in a box of it. */
  paragraph(text: string, style?: Style, box?: { readonly left: number; readonly width: number }): void;
  gap(height: number): void;
}

export function sheetOf(document: PDFKit.PDFDocument, shaper: Shaper): Sheet {
  const ink = inkOf(document);
  const tags = tagsOf(document);
  let leave: (() => void) | undefined;
  const sheet: Sheet = {
    document,
    ink,
    tags,
    left: FRAME.left,
    width: FRAME.right - FRAME.left,
    y: FRAME.top,
    need: (height) => {
      if (sheet.y + height <= FRAME.bottom) return false;
      sheet.newPage();
      return true;
    },
    newPage: () => {
      leave?.();
      tags.onNewPage(() => document.addPage());
      sheet.y = FRAME.top;
    },
    onLeave: (work) => {
      leave = work;
    },
    lines: (text, { size, weight }, width, most) => {
      const widthOf = (word: string): number => (shaper.widthOfWord(word, weight) * size) / 1000;
      return linesOf(isPlain(text) ? text : plainLine(text, LONGEST), width, widthOf, most);
    },
    widthOf: (line, { size, weight }) => (shaper.line(line, weight).width * size) / 1000,
    drawLine: (line, { x, y }, { size, weight, color }, align = "left") => {
      const shaped = shaper.line(line, weight);
      const width = (shaped.width * size) / 1000;
      const left = align === "left" ? x : x - (align === "right" ? width : width / 2);
      ink.text(shaped, { x: left, y: y + size * ASCENT }, size, color);
    },
    paragraph: (text, style = BODY, { left, width } = sheet) => {
      const lines = sheet.lines(text, style, width);
      sheet.need(Math.min(lines.length, 2) * style.leading);
      const draw = (): void => {
        for (const line of lines) {
          sheet.need(style.leading);
          sheet.drawLine(line, { x: left, y: sheet.y }, style);
          sheet.y += style.leading;
        }
      };
      tags.content("P", draw, readingOrder(lines));
    },
    gap: (height) => {
      sheet.y = Math.min(sheet.y + height, FRAME.bottom);
    },
  };
  return sheet;
}

/** What people wrote is as long as documents may be; a report is to be read. */
const LONGEST = 2000;

/** Most texts are: of these nothing has to be taken away. */
function isPlain(text: string): boolean {
  return text.length <= LONGEST && /^[!-~]+(?: [!-~]+)*$/.test(text);
}

/** Of the font: from the upper edge of a line to its base line. */
const ASCENT = 1.02;
