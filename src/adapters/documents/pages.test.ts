import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const PAGES = new URL("../../../.github/docs/", import.meta.url);

const examples = readdirSync(PAGES)
  .filter((name) => name.endsWith(".md"))
  .flatMap((page) =>
    [
      ...readFileSync(new URL(page, PAGES), "utf8").matchAll(/^```yaml\n(apiVersion: cre\/v1\n[^]*?)^```$/gm),
    ].map(([, yaml = ""]) => ({ page, yaml })),
  );

test.each(examples)("what $page shows to be copied is valid", ({ yaml }) => {
  const parts = yaml.split(/^---\n/m);
  const folderOf = (part: string): string => {
    if (part.includes("kind: Credential")) return "registry";
    return /kind: (Exception|Snooze|Hold)/.test(part) ? "exceptions" : "policies";
  };
  const file = (path: string, some: readonly string[]) => ({
    path,
    bytes: new TextEncoder().encode(some.join("---\n")),
  });
  const { problems, count } = readDocuments(
    ["registry", "policies", "exceptions"].map((folder) =>
      file(
        `${folder}/page.yaml`,
        parts.filter((part) => folderOf(part) === folder),
      ),
    ),
  );
  expect(count).toBe(parts.length);
  // A page shows its own provider, and not the connections of the deliveries that it happens to name.
  expect(problems.filter(({ code }) => code !== "connection-unknown")).toEqual([]);
});
