import { COLORS } from "./colors.ts";
import { BODY, PAGE, type Sheet, type Style } from "./sheet.ts";

/** A section of the report, for the list of contents. */
interface Section {
  readonly title: string;
  /** Counted from 0. */
  readonly page: number;
}

/** Headings with bookmarks. */
export interface Headings {
  /** Leaves a place for the list of contents, which `listContents` fills when all pages are there. */
  contents(): void;
  listContents(): void;
  /** An element of the structure with its heading; on the present page where half of it is left. */
  section(title: string, options: { readonly onNewPage?: true }, body: () => void): void;
  part(title: string): void;
  minor(title: string): void;
}

const SECTION: Style = { size: 19, weight: 600, color: COLORS.brand, leading: 25 };
const PART: Style = { size: 12, weight: 600, color: COLORS.brand, leading: 17 };
const MINOR: Style = { ...BODY, size: 10, weight: 600, leading: 14 };
const ENTRY: Style = { ...BODY, leading: 17 };
const COLUMN_GAP = 24;
/** Above it there is room for a section that may be short. */
const ROOMY = PAGE.height * 0.5;
/** Height of the list of contents with every section there is. */
const CONTENTS = 150;

export function headingsOf(sheet: Sheet): Headings {
  const { document } = sheet;
  const sections: Section[] = [];
  let bookmark = document.outline;
  let list: (() => void) | undefined;
  const pages = (): number => document.bufferedPageRange().count;

  function heading(type: string, title: string, style: Style): void {
    sheet.tags.content(type, () => {
      for (const line of sheet.lines(title, style, sheet.width)) {
        sheet.drawLine(line, { x: sheet.left, y: sheet.y }, style);
        sheet.y += style.leading;
      }
    });
  }

  /** Two columns, filled one after the other. */
  function drawContents(page: number, top: number): void {
    document.switchToPage(page);
    const rows = Math.ceil(sections.length / 2);
    const width = (sheet.width - COLUMN_GAP) / 2;
    for (const [at, section] of sections.entries()) {
      const x = sheet.left + (at < rows ? 0 : width + COLUMN_GAP);
      const y = top + (at % rows) * ENTRY.leading;
      sheet.tags.content("TOCI", () => {
        sheet.drawLine(section.title, { x, y }, ENTRY);
        sheet.drawLine(String(section.page + 1), { x: x + width, y }, { ...ENTRY, weight: 600 }, "right");
      });
      sheet.tags.decoration(() => {
        const rule = y + ENTRY.leading - 3.5;
        sheet.ink.line({ x, y: rule }, { x: x + width, y: rule }, COLORS.faint);
      });
    }
  }

  return {
    contents: () => {
      sheet.gap(12);
      sheet.need(CONTENTS);
      sheet.tags.content("H2", () => sheet.drawLine("Contents", { x: sheet.left, y: sheet.y }, MINOR));
      const [page, top] = [pages() - 1, sheet.y + MINOR.leading + 4];
      const fill = sheet.tags.later("TOC");
      list = () => fill(() => drawContents(page, top));
      sheet.y = top + CONTENTS;
    },
    listContents: () => list?.(),
    section: (title, { onNewPage }, body) => {
      const isRoomy = sheet.y < ROOMY;
      if (onNewPage || !isRoomy) sheet.newPage();
      else sheet.gap(20);
      const page = pages() - 1;
      sections.push({ title, page });
      bookmark = document.outline.addItem(title, { expanded: false });
      sheet.tags.group("Sect", () => {
        heading("H1", title, SECTION);
        sheet.tags.decoration(() => {
          sheet.ink.box({ x: sheet.left, y: sheet.y, width: 42, height: 2.5 }, COLORS.accent);
        });
        sheet.gap(14);
        body();
      });
    },
    part: (title) => {
      sheet.need(80);
      bookmark.addItem(title);
      heading("H2", title, PART);
      sheet.gap(4);
    },
    minor: (title) => {
      sheet.need(50);
      heading("H3", title, MINOR);
      sheet.gap(2);
    },
  };
}
