import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("./", import.meta.url);
const page = readFileSync(new URL("../../../../.github/docs/keycloak-client.md", import.meta.url), "utf8");

test("the page has each code that people can meet, once, and no other", () => {
  const told = page.slice(page.indexOf("<!-- codes -->"), page.indexOf("<!-- /codes -->"));
  const listed = [...told.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !/\.i?test\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, folder), "utf8"));
  const thrown = [/CreError\(\s*"([a-z-]+)"/g, /"(?:refused|unknown)",\s*"([a-z-]+)"/g].flatMap((pattern) =>
    sources.flatMap((text) => Array.from(text.matchAll(pattern), ([, code]) => code)),
  );
  // Of what all rotators share.
  const shared = ["foreign-mark", "fenced", "keycloak-url"];
  expect(listed).toHaveLength(new Set(listed).size);
  expect(new Set(listed)).toEqual(new Set([...thrown, ...shared]));
});
