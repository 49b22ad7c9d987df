import fc from "fast-check";
import { expect, test } from "vitest";
import { html, said } from "./markup.ts";

test("no text becomes markup, wherever it is put", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from("<>&'\"`=/a; \n\u202e\ufffe\u{1f511}")) }),
      (text) => {
        const { markup } = html`<td title="${text}">${text}${said(text)}</td>`;
        const bare = markup.replace(/^<td title="[^"]*">/, "").replace(/<\/td>$/, "");
        expect(bare.replace("<bdi>", "").replace("</bdi>", "")).not.toMatch(/[<>"]/);
        expect(bare).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos);)/);
      },
    ),
  );
});

test("nothing comes of what is not there", () => {
  expect(html`<p>${null}${undefined}${["a", html`<b>${2}</b>`]}</p>`.markup).toBe("<p>a<b>2</b></p>");
});
