import { plainLine } from "../plain-line.ts";
import { BREAK, keepApart } from "./keep-apart.ts";
import { withoutMarks } from "./look-alikes.ts";

/**
 * A text for a `TextBlock` or a fact of an Adaptive Card, on one line. They read a subset of Markdown, and clients
 * differ in what escapes they know: so nothing is escaped, and what would mean something is taken apart or replaced
 * by what looks the same. No link, list, mention (`<at>`), HTML, entity, template or function comes of it.
 */
export function adaptiveText(text: string, most?: number): string {
  return withoutMarks(keepApart(plainLine(text, most)))
    .replaceAll(/\](?=[([:])/g, `]${BREAK}`)
    .replaceAll(/<(?=\S)/g, `<${BREAK}`)
    .replaceAll(/&(?=[#\w])/g, `&${BREAK}`)
    .replaceAll(/([{$])(?=\{)/g, `$1${BREAK}`)
    .replaceAll(/\\(?=\S)/g, `\\${BREAK}`)
    .replace(/^(?=[-+#>=|]|\d+[.)])/, BREAK);
}
