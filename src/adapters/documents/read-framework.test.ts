import { expect, test } from "vitest";
import { SHIPPED_FRAMEWORKS } from "../../core/compliance/shipped-names.ts";
import { readDocuments } from "./read-documents.ts";
import { readFramework } from "./read-framework.ts";
import { FRAMEWORK_TEXTS } from "./shipped-frameworks.ts";

const OWN = `apiVersion: cre/v1
kind: Framework
metadata: { name: house-rules }
spec:
  title: House rules
  version: "3"
  controls:
    - { id: H1, title: Keys are young, fit: direct, checks: [K01], not: strength }
    - { id: H2, title: Owners are known, fit: supporting, checks: [K05], not: that they answer }
`;

function read(text: string) {
  return readFramework("own.yaml", new TextEncoder().encode(text));
}

function problems(text: string): readonly string[] {
  const found = read(text);
  if ("framework" in found) return [];
  return found.problems.map(({ line, column, code, fix }) => `${line}:${column} ${code}: ${fix}`);
}

test.each(SHIPPED_FRAMEWORKS)("the shipped framework %s is valid and bears its name", (name) => {
  const found = readFramework(name, new TextEncoder().encode(FRAMEWORK_TEXTS[name]));
  expect(found).toMatchObject({ framework: { metadata: { name } } });
});

test("a framework of somebody's own is read", () => {
  expect(read(OWN)).toMatchObject({ framework: { metadata: { name: "house-rules" } } });
});

test.each([
  ["an unknown check", OWN.replace("K05", "K99"), /^9:68 value-unknown: /],
  ["an unknown key", OWN.replace("fit: direct", "fit: direct, weight: 3"), /^8:53 key-unknown: /],
  [
    "a misspelt fit",
    OWN.replace("fit: direct", "fit: dirct"),
    /^8:45 value-unknown: did you mean `direct`\?$/,
  ],
  ["a missing field", OWN.replace(", not: strength", ""), /^8:7 field-missing: add `not`: /],
  ["a control that stands twice", OWN.replace("H2", "H1"), /^9:13 control-twice: keep one of them$/],
  ["another kind", OWN.replace("kind: Framework", "kind: Policy"), /^2:7 value-unknown: use Framework$/],
  ["broken YAML", OWN.replace("[K01]", "[K01"), /^\d+:\d+ yaml-malformed: /],
  ["two documents", `${OWN}---\n${OWN}`, /^11:1 file-too-many-documents: /],
  ["an empty file", "", /^1:1 document-not-a-map: /],
  ["a list", "- a\n", /^1:1 document-not-a-map: /],
])("%s is refused at its place", (_, text, problem) => {
  expect(problems(text)[0]).toMatch(problem);
});

test("a file that is not UTF-8 or too large is refused", () => {
  expect(readFramework("own.yaml", Uint8Array.of(0xff, 0x41))).toMatchObject({
    problems: [{ code: "file-not-utf8" }],
  });
  expect(readFramework("own.yaml", new Uint8Array(300_000))).toMatchObject({
    problems: [{ code: "file-too-large" }],
  });
});

test("settings name shipped frameworks and files of the repository, and nothing else", () => {
  const named = (entry: string) => {
    const text = `apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec:\n  reports: { frameworks: [${entry}] }\n`;
    const file = { path: "policies/settings.yaml", bytes: new TextEncoder().encode(text) };
    return readDocuments([file]).problems.map(
      ({ line, column, code, fix }) => `${line}:${column} ${code}: ${fix}`,
    );
  };
  expect(named("soc2, nis2, pci-dss, compliance/own.yaml")).toEqual([]);
  expect(named("soc3")).toEqual(["5:27 framework-unknown: did you mean `soc2`?"]);
  expect(named("../own.yaml")[0]).toMatch(/^5:27 file-outside: /);
  expect(named('"SOC 2"')[0]).toMatch(/^5:27 form-invalid: /);
});
