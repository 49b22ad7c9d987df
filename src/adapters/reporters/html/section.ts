import { html, type Markup } from "./markup.ts";

/** One part of the page, in its navigation too. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** Beside the title: how many rows it has. */
  readonly count?: number;
  readonly body: Markup;
}

/** The part under its heading. */
export function sectionOf({ id, title, count, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}${count === undefined ? "" : html` <span class="count">${count}</span>`}</h2>
${body}
</section>
`;
}

/** What stands where there is nothing to list. */
export function nothing(sentence: string): Markup {
  return html`<p class="nothing">${sentence}</p>`;
}

/** A link to a credential of the page. */
export function credentialLink(name: string): Markup {
  return html`<a href="#credential/${encodeURIComponent(name)}">${name}</a>`;
}
