import { plainLine } from "../plain-line.ts";
import { keepApart } from "./keep-apart.ts";

/** A text as words of plain text, on one line, in which programs that look for addresses and mentions find none. */
export function plainText(text: string, most?: number): string {
  return keepApart(plainLine(text, most));
}
