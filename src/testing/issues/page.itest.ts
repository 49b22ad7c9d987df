import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { issueExamples } from "./examples.ts";

const PAGE = fileURLToPath(new URL("../../../.github/docs/issues.md", import.meta.url));
const PLACE = /<!-- example: (?<name>[a-z]+) -->\n[^]*?<!-- end -->/g;

/** `vitest run -u` writes the page anew. */
test("the page of issues shows the texts that a run writes", async () => {
  const examples = await issueExamples();
  const used = new Set<string>();
  const page = readFileSync(PAGE, "utf8").replaceAll(PLACE, (_, name: string) => {
    const example = examples.get(name);
    if (example === undefined) throw new Error(`there is no example ${name}`);
    used.add(name);
    const lines = [
      `**${example.title}**`,
      "",
      ...example.body.split("\n").filter((line) => !line.startsWith("<!--")),
    ];
    const quoted = lines.map((line) => `> ${line}`.trimEnd()).join("\n");
    return `<!-- example: ${name} -->\n\n${quoted}\n\n<!-- end -->`;
  });
  expect(used).toEqual(new Set(examples.keys()));
  await expect(page).toMatchFileSnapshot(PAGE);
});
