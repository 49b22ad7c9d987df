import { plainLine } from "../../../../core/text/plain-line.ts";

/** What can stand within an element; nothing comes of `null` and `undefined`. */
export type Child = Node | string | number | null | undefined | readonly Child[];

type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

const SVG = "http://www.w3.org/2000/svg";
const LONGEST = 2000;

/** An element with these attributes and children. Texts are texts: nothing in them is markup, nothing turns the line. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  give(made, attributes);
  append(made, children);
  return made;
}

/** The same for a drawing. */
export function drawing(tag: string, attributes: Attributes, ...children: readonly Child[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  give(made, attributes);
  append(made, children);
  return made;
}

/** The picture of a tone from those that the page has. */
export function icon(tone: string): SVGElement {
  return drawing(
    "svg",
    { class: `icon ${tone}`, "aria-hidden": "true" },
    drawing("use", { href: `#tone-${tone}` }),
  );
}

/** A date of an instant, with the whole instant for programs. */
export function dateOf(instant: string | null): Child {
  return instant === null ? "–" : element("time", { datetime: instant }, instant.slice(0, 10));
}

/** Date and time of an instant to the minute. */
export function timeOf(instant: string | null): Child {
  if (instant === null) return "–";
  return element("time", { datetime: instant }, `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`);
}

/** The element of this id, which the page has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

function give(made: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(made: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined) continue;
    if (typeof child === "number") made.append(String(child));
    else if (typeof child === "string") made.append(plainText(child));
    else if (child instanceof Node) made.append(child);
    else append(made, child);
  }
}

/** On one line, as everywhere, but as far apart from its neighbours as it was. */
function plainText(text: string): string {
  return `${/^\s/.test(text) ? " " : ""}${plainLine(text, LONGEST)}${/\s$/.test(text) ? " " : ""}`;
}
