import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { apiReporter } from "../../adapters/reporters/api/reporter.ts";
import { type ApiFile, apiFiles } from "../../core/report/api/api-files.ts";
import { API_SCHEMAS } from "../../core/report/api/api-schemas.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { fullReport } from "./full-report.ts";
import { sampleReport } from "./sample-report.ts";

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validators = new Map(Object.entries(API_SCHEMAS).map(([name, schema]) => [name, ajv.compile(schema)]));

function byPath(model: ReportModel): ReadonlyMap<string, ApiFile> {
  return new Map([...apiFiles(model)].map((file) => [file.path, file]));
}

test.each([
  ["of everything", fullReport()],
  ["of an instant alone", sampleReport()],
  ["of nothing", sampleReport([], {})],
])("every file of the API of a report %s fits the schema that is published for it", (_, model) => {
  for (const { path, schema, value } of apiFiles(model)) {
    const validate = validators.get(schema)!;
    validate(value);
    expect({ path, errors: validate.errors }).toEqual({ path, errors: null });
  }
});

test("the index leads to every other file, and names the schema of each", () => {
  const model = fullReport();
  const files = byPath(model);
  const { links } = files.get("index.json")!.value as {
    readonly links: readonly { path: string; schema: string; names: readonly string[] | null }[];
  };
  const led = links.flatMap(({ path, schema, names }) =>
    names === null ? [[path, schema]] : names.map((name) => [path.replace("{name}", name), schema]),
  );
  expect(new Set(led.map(([path]) => path))).toEqual(
    new Set([...files.keys()].filter((path) => path !== "index.json")),
  );
  for (const [path, schema] of led) expect(files.get(path!)?.schema).toBe(schema);
  for (const { schema } of links) {
    readFileSync(new URL(`../../../registry/schema/${schema}.schema.json`, import.meta.url));
  }
});

test("a report without a period and without sources has no file of either", () => {
  const paths = [...byPath(sampleReport()).keys()];
  expect(paths).not.toContain("period.json");
  expect(paths).not.toContain("discovery.json");
  expect(paths.filter((path) => path.startsWith("frameworks/"))).toEqual([]);
  expect([...byPath(fullReport()).keys()]).toEqual(
    expect.arrayContaining(["period.json", "discovery.json", "frameworks/soc2.json"]),
  );
});

test("bytes of a file are those of its value", async () => {
  const model = sampleReport();
  const written = new Map<string, string>();
  for await (const { path, content } of apiReporter.files(model)) {
    written.set(path, typeof content === "string" ? content : new TextDecoder().decode(content));
  }
  for (const { path, value } of apiFiles(model)) {
    expect(written.get(`api/v1/${path}`)).toBe(`${JSON.stringify(value)}\n`);
  }
});
