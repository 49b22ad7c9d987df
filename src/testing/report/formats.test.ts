import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { describe, expect, test } from "vitest";
import { apiReporter } from "../../adapters/reporters/api/reporter.ts";
import { csvReporter } from "../../adapters/reporters/csv/reporter.ts";
import { htmlReporter } from "../../adapters/reporters/html/reporter.ts";
import { jsonReporter } from "../../adapters/reporters/json/reporter.ts";
import { junitReporter } from "../../adapters/reporters/junit/reporter.ts";
import { markdownReporter } from "../../adapters/reporters/markdown/reporter.ts";
import { oscalReporter } from "../../adapters/reporters/oscal/reporter.ts";
import { sarifReporter } from "../../adapters/reporters/sarif/reporter.ts";
import type { Reporter } from "../../core/ports/reporter.ts";
import { figuresOf } from "../../core/report/figures.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { credential, exception } from "../evaluation/world.ts";
import { csvRecords } from "./csv-records.ts";
import { dashboardData } from "./dashboard-reader.ts";
import { fullReport } from "./full-report.ts";
import { BROKEN, HOSTILE, RECORDS, sampleReport, WORLD } from "./sample-report.ts";
import { xmlElements } from "./xml-elements.ts";

const REPORTERS = [htmlReporter, jsonReporter, csvReporter, markdownReporter, sarifReporter, junitReporter];

const isSarif = sarifSchema();

/** The schema is in an older draft, whose few differences lie in what is left out here. */
function sarifSchema(): ValidateFunction {
  const text = readFileSync(new URL("sarif-2.1.0.json", import.meta.url), "utf8");
  const { $schema: _draft4, id: _id, ...schema } = JSON.parse(text) as Record<string, unknown>; // a schema
  return new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
}

const BROKEN_WHAT_IF = sampleReport(WORLD, RECORDS, {
  clock: "what-if",
  chain: { verdict: BROKEN, comparedWithCommits: true },
});
const MODELS: readonly (readonly [string, ReportModel])[] = [
  ["of everything", fullReport()],
  ["without any population", sampleReport([], {})],
  ["without policies", sampleReport([credential("lonely")], {})],
  ["on a broken chain, by another clock", BROKEN_WHAT_IF],
  [
    "with 200 exceptions on one credential",
    sampleReport([
      ...WORLD,
      ...Array.from({ length: 200 }, (_, at) =>
        exception(`waiver-${at}`, { credentials: ["overdue"], policy: "keys" }),
      ),
    ]),
  ],
];

async function filesOf(reporter: Reporter, model: ReportModel): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for await (const { path, content } of reporter.files(model)) {
    files.set(path, typeof content === "string" ? content : new TextDecoder().decode(content));
  }
  return files;
}

async function file(reporter: Reporter, model: ReportModel, path: string): Promise<string> {
  const text = (await filesOf(reporter, model)).get(path);
  if (text === undefined) throw new Error(`no ${path}`);
  return text;
}

/** What a format says of the model, read back out of its bytes. */
interface ReadBack {
  readonly figures: Readonly<Record<string, number>>;
  readonly credentials: number;
  readonly findings: number;
  readonly waived: number;
  /** Credentials that exceptions do not make compliant either. */
  readonly failing: number;
}

const READERS: Readonly<Record<string, (model: ReportModel) => Promise<ReadBack>>> = {
  json: async (model) => {
    const report = JSON.parse(await file(jsonReporter, model, "report.json")) as ReportModel;
    return {
      figures: Object.fromEntries(figuresOf(report).map(({ name, value }) => [name, value])),
      credentials: report.credentials.length,
      findings: report.findings.length,
      waived: report.findings.filter(({ waivedBy }) => waivedBy !== null).length,
      failing: report.credentials.filter((row) => row.state !== "retired" && !row.compliantAdjusted).length,
    };
  },
  html: async (model) => {
    const { figures, lines, details, ofRepository } = dashboardData(
      await file(htmlReporter, model, "index.html"),
    );
    const findings = details.flatMap(({ findings }) => findings);
    expect(details.map(({ credential }) => credential)).toEqual(model.credentials);
    return {
      figures,
      credentials: lines.length,
      findings: findings.length + ofRepository.length,
      waived: [...findings.map(({ waivedBy }) => waivedBy ?? undefined), ...ofRepository].filter(Boolean)
        .length,
      failing: lines.filter((row) => row.state !== "retired" && !row.compliantAdjusted).length,
    };
  },
  csv: async (model) => {
    const files = await filesOf(csvReporter, model);
    const [summary, credentials, findings] = ["summary", "credentials", "findings"].map((name) =>
      csvRecords(files.get(`csv/${name}.csv`) ?? ""),
    );
    const figures = summary!.filter(({ figure = "" }) =>
      /^(rows|state|level|strict|adjusted|period|managed)\.(?!fraction)/.test(figure),
    );
    return {
      figures: Object.fromEntries(figures.map(({ figure, value }) => [figure!, Number(value)])),
      credentials: credentials!.length,
      findings: findings!.length,
      waived: findings!.filter((row) => row["waived by"] !== "").length,
      failing: credentials!.filter(
        (row) => row["state"] !== "retired" && row["compliant adjusted"] === "false",
      ).length,
    };
  },
  markdown: async (model) => {
    const page = (await file(markdownReporter, model, "report.md")).replaceAll("\\", "");
    const counted = (title: string): number =>
      Number(new RegExp(`^## ${title} \\((\\d+)\\)`, "m").exec(page)?.[1] ?? 0);
    const [, part = "0", whole = "0"] = /, (\d+) of (\d+) \([\d.]+ %\) with exceptions/.exec(page) ?? [];
    const rows = [
      ...page.matchAll(/^\| ((?:rows|state|level|strict|adjusted|period|managed)\.\w+) \| (\d+) \|$/gm),
    ];
    const findings = page.split(/^## /m).find((section) => section.startsWith("Findings")) ?? "";
    return {
      figures: Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)])),
      credentials: counted("Credentials, the worst first"),
      findings: counted("Findings"),
      waived: [...findings.matchAll(/^\| (?:warning|critical|emergency) .*\| (?!- \|)\S+ \|$/gm)].length,
      failing: Number(whole) - Number(part),
    };
  },
  sarif: async (model) => {
    const [run] = sarifRuns(await file(sarifReporter, model, "report.sarif"));
    return {
      figures: run!.properties.figures,
      credentials: run!.properties.figures["rows.credentials"]!,
      findings: run!.results.length,
      waived: run!.results.filter(({ suppressions }) => suppressions.length > 0).length,
      failing:
        run!.properties.figures["adjusted.denominator"]! - run!.properties.figures["adjusted.numerator"]!,
    };
  },
  junit: async (model) => {
    const xml = await file(junitReporter, model, "report.junit.xml");
    const elements = xmlElements(xml);
    const properties = elements.filter(({ name }) => name === "property").map(({ attributes }) => attributes);
    const figures = properties.filter(({ name = "" }) =>
      /^(rows|state|level|strict|adjusted|period|managed)\./.test(name),
    );
    const suite = elements.find(({ attributes }) => attributes["name"] === "credentials")!.attributes;
    const lines = xml.match(/[0-9a-f]{16} (?:warning|critical|emergency) .*/g) ?? [];
    return {
      figures: Object.fromEntries(figures.map(({ name, value }) => [name!, Number(value)])),
      credentials: Number(suite["tests"]),
      findings: lines.length,
      waived: lines.filter((line) => /^\S+ \S+ \S+ \[waived by/.test(line)).length,
      failing: Number(suite["failures"]),
    };
  },
};

interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly suppressions: readonly unknown[];
    readonly partialFingerprints: Readonly<Record<string, string>>;
  }[];
  readonly invocations: readonly { readonly toolExecutionNotifications: readonly unknown[] }[];
  readonly properties: { readonly figures: Readonly<Record<string, number>> };
}

function sarifRuns(text: string): readonly SarifRun[] {
  return (JSON.parse(text) as { readonly runs: readonly SarifRun[] }).runs;
}

describe.each(MODELS)("a report %s", (_, model) => {
  test.each(Object.entries(READERS))("has the same numbers and rows in %s", async (_format, read) => {
    const figures = Object.fromEntries(figuresOf(model).map(({ name, value }) => [name, value]));
    const { adjusted } = model.scorecard;
    expect(await read(model)).toEqual({
      figures,
      credentials: model.population.credentials,
      findings: model.population.findings,
      waived: model.population.waivedFindings,
      failing: adjusted.denominator - adjusted.numerator,
    });
  });

  test.each(REPORTERS.map((reporter) => [reporter.format, reporter] as const))(
    "shows its warnings in %s, and is the same each time",
    async (_format, reporter) => {
      const files = await filesOf(reporter, model);
      expect(await filesOf(reporter, model)).toEqual(files);
      const text = [...files.values()].join("\n").replaceAll(/\\(?=[^\w"])|\u2060/g, "");
      for (const warning of model.identity.warnings) {
        expect(text.replaceAll("&apos;", "'")).toContain(warning);
      }
    },
  );

  test("fits the published schema of SARIF, with every rule that a result names", async () => {
    const log: unknown = JSON.parse(await file(sarifReporter, model, "report.sarif"));
    isSarif(log);
    expect(isSarif.errors).toBeNull();
    const [run] = sarifRuns(JSON.stringify(log));
    const rules = run!.tool.driver.rules.map(({ id }) => id);
    for (const { ruleId, ruleIndex } of run!.results) expect(rules[ruleIndex]).toBe(ruleId);
  });
});

describe("OSCAL", () => {
  const { $schema: _draft7, ...schema } = JSON.parse(
    readFileSync(new URL("oscal-assessment-results-1.2.1.json", import.meta.url), "utf8"),
  ) as Record<string, unknown>; // a schema
  const isOscal = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  const resultsOf = async (model: ReportModel): Promise<OscalResults> => {
    const text = await file(oscalReporter, model, "oscal.json");
    return (JSON.parse(text) as { readonly "assessment-results": OscalResults })["assessment-results"];
  };

  test("fits NIST's schema, states every figure, and is the same each time", async () => {
    const model = fullReport();
    const log: unknown = JSON.parse(await file(oscalReporter, model, "oscal.json"));
    isOscal(log);
    expect(isOscal.errors).toBeNull();
    expect(await filesOf(oscalReporter, model)).toEqual(await filesOf(oscalReporter, fullReport()));
    const { metadata, results } = await resultsOf(model);
    const stated = new Map(metadata.props.map(({ name, value }) => [name, value]));
    for (const { name, value } of figuresOf(model)) {
      expect({ name, value: stated.get(name) }).toEqual({ name, value: String(value) });
    }
    const items = results.flatMap((result) => result["local-definitions"]?.["inventory-items"] ?? []);
    expect(items).toHaveLength(model.population.credentials);
  });

  test("a control is a finding only where checks came to a result, and each finding names its observations", async () => {
    const model = fullReport();
    const { results } = await resultsOf(model);
    for (const [at, { controls }] of model.controls!.frameworks.entries()) {
      const { findings = [], observations } = results[at]!;
      const concluded = controls.filter(({ status }) => ["pass", "fail", "exception"].includes(status));
      expect(findings.map(({ target }) => target.status.reason)).toEqual(
        concluded.map(({ status }) => (status === "exception" ? "other" : status)),
      );
      const known = new Set(observations.map(({ uuid }) => uuid));
      const named = findings.flatMap((finding) => finding["related-observations"]);
      for (const row of named) expect(known).toContain(row["observation-uuid"]);
    }
  });

  test("no two ids are alike, and those of NIST's catalog are its own", async () => {
    const text = await file(oscalReporter, fullReport(), "oscal.json");
    const ids = [...text.matchAll(/"uuid": "([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(text).toContain('"control-id": "ia-5.1"');
    expect(text).toContain('"control-id": "pci-dss_8.6.3"');
  });

  test("a report without controls has no such file", async () => {
    expect((await filesOf(oscalReporter, sampleReport())).size).toBe(0);
  });
});

interface OscalResults {
  readonly metadata: { readonly props: readonly { readonly name: string; readonly value: string }[] };
  readonly results: readonly {
    readonly "local-definitions"?: { readonly "inventory-items": readonly unknown[] };
    readonly observations: readonly { readonly uuid: string }[];
    readonly findings?: readonly {
      readonly target: { readonly status: { readonly reason: string } };
      readonly "related-observations": readonly { readonly "observation-uuid": string }[];
    }[];
  }[];
}

test("every list has a CSV file with as many rows, and one of each credential", async () => {
  const model = fullReport();
  const { waivedFindings: _amongFindings, ...population } = model.population;
  const files = await filesOf(csvReporter, model);
  for (const [name, rows] of Object.entries(population)) {
    const path = `csv/${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.csv`;
    expect({ path, rows: csvRecords(files.get(path) ?? "").length }).toEqual({ path, rows });
  }
});

test("no cell of a CSV file is a formula, and texts of every script come out whole", async () => {
  const model = sampleReport();
  const cells = [...(await filesOf(csvReporter, model)).values()].flatMap((text) =>
    csvRecords(text).flatMap((row) => Object.values(row)),
  );
  for (const cell of cells) expect(cell).not.toMatch(/^(?![-+]?\d+(\.\d+)?$)[\s'"]*[=+\-@\t\r](?<!^'.)/);
  expect(cells).toContain(HOSTILE.arabic);
  expect(cells).toContain(HOSTILE.chinese);
  expect(cells).toContain(HOSTILE.html);
  expect(cells).toContain("line one line two end\ufffe");
  expect(cells).toContain(`'${HOSTILE.formula} and more`);
});

test("text that looks like HTML or Markdown is text", async () => {
  const model = sampleReport();
  const page = await file(markdownReporter, model, "report.md");
  expect(page).not.toMatch(/(?<!\\)<img/);
  expect(page).not.toMatch(/(?<!\\)\]\(/);
  const xml = await file(junitReporter, model, "report.junit.xml");
  expect(xml).not.toContain("<img");
  // oxlint-disable-next-line no-control-regex -- XML has none of these characters
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
});

test("the JSON of a credential has what belongs to it, and no other", async () => {
  const model = sampleReport();
  const files = await filesOf(apiReporter, model);
  expect([...files.keys()].filter((path) => path.startsWith("api/v1/credentials/"))).toHaveLength(
    model.population.credentials,
  );
  expect(JSON.parse(files.get("api/v1/credentials/waived.json")!)).toMatchObject({
    kind: "Credential",
    credential: { name: "waived" },
    findings: [{ code: "rotation-overdue", waivedBy: "season" }],
    exceptions: [{ name: "season" }],
    incidents: [],
  });
});

test("code scanning knows a waived finding as suppressed, and a finding again when lines move", async () => {
  const [run] = sarifRuns(await file(sarifReporter, sampleReport(), "report.sarif"));
  const waived = run!.results.filter(({ suppressions }) => suppressions.length > 0);
  expect(waived).toMatchObject([
    { suppressions: [{ kind: "external", justification: expect.stringContaining("exception season: ") }] },
  ]);
  const moved = WORLD.map(({ document, file: path, line }) => ({ document, file: path, line: line + 7 }));
  const [again] = sarifRuns(await file(sarifReporter, sampleReport(moved), "report.sarif"));
  const prints = (of: SarifRun | undefined) =>
    of?.results.map(({ partialFingerprints }) => partialFingerprints);
  expect(prints(again)).toEqual(prints(run));
});

test("beyond what code scanning takes, the least important are left out and counted", async () => {
  const model = sampleReport();
  const [finding] = model.findings;
  const findings = Array.from({ length: 30_000 }, () => finding!);
  const text = await file(sarifReporter, { ...model, findings }, "report.sarif");
  expect(text.length).toBeLessThanOrEqual(10_000_000);
  const [run] = sarifRuns(text);
  expect(run!.results.length).toBeLessThanOrEqual(25_000);
  expect(run!.invocations[0]!.toolExecutionNotifications).toMatchObject([
    {
      message: {
        text: `${30_000 - run!.results.length} of 30000 findings are left out: the file would be too large.`,
      },
    },
  ]);
});

test("the Markdown page stays within what a job's page shows, however much there is", async () => {
  const model = sampleReport();
  const [finding] = model.findings;
  const findings = Array.from({ length: 3000 }, () => ({ ...finding!, message: "*".repeat(5000) }));
  const page = await file(markdownReporter, { ...model, findings }, "report.md");
  expect(Buffer.byteLength(page)).toBeLessThan(1024 * 1024);
  expect(page).toContain("## Findings (3000)");
  expect(page).toMatch(/^2800 more: /m);
});
