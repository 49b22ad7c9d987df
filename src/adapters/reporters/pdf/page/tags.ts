import { hasRightToLeft } from "../type/visual-order.ts";

/** What an element of the structure says beside its type. */
interface ElementOptions {
  readonly alt?: string;
  /** What it reads as, where its letters are not drawn in the order in which they are read. */
  readonly actual?: string;
  readonly title?: string;
  readonly scope?: "Column" | "Row";
}

/**
 * Letters from right to left are drawn as they are seen. A screen reader takes the text from the element; programs that
 * take it from the page turn them back by themselves, and would turn a text beside the letters, too.
 */
export function readingOrder(lines: readonly string[]): ElementOptions {
  return lines.some(hasRightToLeft) ? { actual: lines.join(" ") } : {};
}

/**
 * The structure of a document, which a screen reader goes through: everything that is drawn belongs to an element of
 * it, or is decoration.
 */
export interface Tags {
  /** An element around others. */
  group(type: string, body: () => void, options?: ElementOptions): void;
  /** An element with what `draw` draws, on one page or more. */
  content(type: string, draw: () => void, options?: ElementOptions): void;
  /** A place for an element here, which the function that comes back fills when all else is known. */
  later(type: string): (body: () => void) => void;
  /** What only looks nice, or stands on every page. */
  decoration(draw: () => void, type?: "Pagination" | "Layout"): void;
  /** Begins a page in the middle of whatever is open. */
  onNewPage(add: () => void): void;
}

export function tagsOf(document: PDFKit.PDFDocument): Tags {
  const root = document.struct("Document");
  document.addStructure(root);
  let parent = root;
  let open: { readonly type: string; readonly element: typeof root } | undefined;

  function begin(type: string, element: typeof root): void {
    element.add(document.markStructureContent(type));
    open = { type, element };
  }

  function end(): void {
    document.endMarkedContent();
    open = undefined;
  }

  function child(type: string, options: ElementOptions): typeof root {
    const element = document.struct(type, options);
    parent.add(element);
    return element;
  }

  function fill(element: typeof root, body: () => void): void {
    const outer = parent;
    parent = element;
    body();
    element.end();
    parent = outer;
  }

  return {
    group: (type, body, options = {}) => fill(child(type, options), body),
    later: (type) => {
      const element = child(type, {});
      return (body) => fill(element, body);
    },
    content: (type, draw, options = {}) => {
      const element = child(type, options);
      begin(type, element);
      draw();
      end();
      element.end();
    },
    decoration: (draw, type = "Layout") => {
      const around = open;
      if (around !== undefined) end();
      document.markContent("Artifact", { type });
      draw();
      document.endMarkedContent();
      if (around !== undefined) begin(around.type, around.element);
    },
    onNewPage: (add) => {
      const around = open;
      if (around !== undefined) end();
      add();
      if (around !== undefined) begin(around.type, around.element);
    },
  };
}
