import type { Shaped } from "../type/shaper.ts";
import type { Color } from "./colors.ts";

/** A place on a page: points from its upper left corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Place {
  readonly width: number;
  readonly height: number;
}

/**
 * Draws on the present page of a document. It writes the operators of PDF itself: what pdfkit's own `text` looks up and
 * saves for each call takes most of the time of a long table.
 */
export interface Ink {
  /** `y` is that of the base line. */
  text(shaped: Shaped, place: Place, size: number, color: Color): void;
  box(box: Box, color: Color): void;
  frame(box: Box, color: Color, width?: number): void;
  line(from: Place, to: Place, color: Color, width?: number, dashes?: string): void;
  path(points: readonly Place[], color: Color, width: number): void;
  dot(center: Place, radius: number, color: Color): void;
}

export function inkOf(document: PDFKit.PDFDocument): Ink {
  // As bytes: of a text, pdfkit would look at each letter.
  const write = (operators: string): void =>
    void document.addContent(Buffer.from(`${operators}\n`, "latin1"));
  return {
    text: ({ pieces }, { x, y }, size, color) => {
      const { fonts } = document.page;
      let face: string | undefined;
      const shown = pieces.map((piece) => {
        const { id } = piece.face;
        fonts[id] ??= piece.face.ref();
        const font = face === id ? "" : `/${id} ${size} Tf `;
        face = id;
        return `${font}${shownText(piece.elements, piece.rise, size)}`;
      });
      write(`BT ${color} rg 1 0 0 -1 ${number(x)} ${number(y)} Tm ${shown.join(" ")} ET`);
    },
    box: (box, color) => write(`${color} rg ${rectangle(box)} f`),
    frame: (box, color, width = 0.6) => write(`${color} RG ${width} w [] 0 d ${rectangle(box)} S`),
    line: (from, to, color, width = 0.5, dashes = "") =>
      write(`${color} RG ${width} w [${dashes}] 0 d ${point(from)} m ${point(to)} l S`),
    path: (points, color, width) => {
      const [first, ...others] = points.map(point);
      if (first === undefined) return;
      const lines = others.map((other) => `${other} l`).join(" ");
      write(`${color} RG ${width} w [] 0 d 1 J 1 j ${first} m ${lines} S`);
    },
    dot: (center, radius, color) => write(`${color} rg ${circle(center, radius)} f`),
  };
}

function shownText(elements: string, rise: number, size: number): string {
  if (rise === 0) return `[${elements.replaceAll("><", "")}] TJ`;
  return `${number((rise * size) / 1000)} Ts [${elements}] TJ 0 Ts`;
}

function rectangle({ x, y, width, height }: Box): string {
  return `${number(x)} ${number(y)} ${number(width)} ${number(height)} re`;
}

function point({ x, y }: Place): string {
  return `${number(x)} ${number(y)}`;
}

/** Four curves, which nobody can tell from a circle. */
function circle({ x, y }: Place, radius: number): string {
  const bend = radius * 0.5523;
  const at = (dx: number, dy: number): string => point({ x: x + dx, y: y + dy });
  return [
    `${at(radius, 0)} m`,
    `${at(radius, bend)} ${at(bend, radius)} ${at(0, radius)} c`,
    `${at(-bend, radius)} ${at(-radius, bend)} ${at(-radius, 0)} c`,
    `${at(-radius, -bend)} ${at(-bend, -radius)} ${at(0, -radius)} c`,
    `${at(bend, -radius)} ${at(radius, -bend)} ${at(radius, 0)} c`,
  ].join(" ");
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
