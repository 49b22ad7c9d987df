import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const PAGES = [
  "README.md",
  ...[".github/docs/", ".github/decisions/"].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => name.endsWith(".md"))
      .map((name) => folder + name),
  ),
];

/** A page without its examples. */
function words(page: URL): string {
  return readFileSync(page, "utf8").replaceAll(/^(`{3,})[^]*?^\1$/gm, "");
}

/** As GitHub makes an anchor of a title. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

test.each(PAGES)("each link of %s leads to what is there", (name) => {
  const page = new URL(name, ROOT);
  const links = [...words(page).matchAll(/\]\(([^)\s<>]+)\)/g)].map(([, to = ""]) => to);
  const dead = links.filter((to) => {
    if (/^(https?|mailto):/.test(to)) return false;
    const target = new URL(to, page);
    const title = target.hash.slice(1);
    target.hash = "";
    if (!existsSync(target)) return true;
    if (title === "") return false;
    return ![...words(target).matchAll(/^#+ (.+)$/gm)].some(([, text = ""]) => anchor(text) === title);
  });
  expect(dead).toEqual([]);
});
