import { html, type Markup } from "./markup.ts";
import { type Tone, toneOf } from "./tones.ts";

/** The picture of a tone: each has a shape of its own. */
export function icon(tone: Tone): Markup {
  return html`<svg class="icon ${tone}" aria-hidden="true"><use href="#tone-${tone}"></use></svg>`;
}

/** A word with its picture, in its colour. */
export function badge(word: string): Markup {
  const tone = toneOf(word);
  return html`<span class="badge ${tone}">${icon(tone)}${word}</span>`;
}

/** The pictures, once in a page. */
export const SPRITE: Markup = html`<svg class="sprite" aria-hidden="true">
<symbol id="tone-good" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.8 8.3 7 10.5l4.3-4.8" fill="none" class="cut"/></symbol>
<symbol id="tone-warn" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M8 4.6V8.3l2.3 1.5" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></symbol>
<symbol id="tone-bad" viewBox="0 0 16 16"><path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" stroke="currentColor" stroke-width="1" stroke-linejoin="round"/><path d="M8 6v4M8 11.9v.4" class="cut"/></symbol>
<symbol id="tone-worst" viewBox="0 0 16 16"><path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5Z" fill="currentColor"/><path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" class="cut"/></symbol>
<symbol id="tone-off" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.4 2"/></symbol>
<symbol id="tone-plain" viewBox="0 0 16 16"><circle cx="8" cy="8" r="4" fill="none" stroke="currentColor" stroke-width="1.8"/></symbol>
<symbol id="mark" viewBox="0 0 24 24"><path d="M12 1.8 20.6 5v6.6c0 5-3.6 8.7-8.6 10.6-5-1.9-8.6-5.6-8.6-10.6V5Z" fill="currentColor"/><path d="M8 12.4a4.1 4.1 0 0 1 7-2.9l1 1M16 11.6a4.1 4.1 0 0 1-7 2.9l-1-1M16.2 7.6v3h-3M7.8 16.4v-3h3" fill="none" class="cut"/></symbol>
</svg>`;
