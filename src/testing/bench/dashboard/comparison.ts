import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { htmlReporter } from "../../../adapters/reporters/html/reporter.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { findChromium, startChromium } from "../../services/chromium.ts";
import { largeReport } from "../large-report.ts";
import { alternate, type Comparison, compare } from "../rounds.ts";
import { plainTable } from "./plain-table.ts";

const CREDENTIALS = Number(process.env["CRE_BENCH_ROWS"] ?? 100_000);
const ROUNDS = Number(process.env["CRE_BENCH_ROUNDS"] ?? 5);
/** The page must be this many times smaller than the table. */
const SMALLER = 10;
/** The table takes half a minute where nothing else runs, and much longer elsewhere. */
const LONGEST = 3_600_000;

/**
 * Opened to painted in a browser: the dashboard of 100,000 credentials, with everything about each of them in it, and a
 * plain table of the columns that its list shows. The browser runs already, and each page is its own.
 */
export async function compareDashboard(): Promise<Comparison | undefined> {
  const chromium = findChromium();
  if (chromium === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "cre-bench-"));
  const browser = await startChromium(chromium);
  try {
    const model = largeReport(CREDENTIALS);
    const dashboard = join(folder, "dashboard.html");
    const table = join(folder, "table.html");
    for await (const { content } of htmlReporter.files(model)) await writeFile(dashboard, content);
    const plain = plainTable(model);
    await writeFile(table, plain);
    const wrong = new Set<string>();
    const { size } = await stat(dashboard);
    process.stdout.write(
      `R1: dashboard ${megabytes(size)} MB, plain table ${megabytes(Buffer.byteLength(plain))} MB: ${(Buffer.byteLength(plain) / size).toFixed(1)} times smaller\n`,
    );
    if (size * SMALLER > Buffer.byteLength(plain)) wrong.add(`the page is not ${SMALLER} times smaller`);
    const times = await alternate(
      ROUNDS,
      async () => open(browser, dashboard, "html[data-ready]", model, wrong),
      async () => open(browser, table, "table", model, wrong),
    );
    await interactions(browser, dashboard);
    return compare({ id: "R1", goal: 50, stretch: 150 }, times, [...wrong]);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function open(
  browser: Browser,
  file: string,
  sign: string,
  { population }: ReportModel,
  wrong: Set<string>,
): Promise<void> {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href, { timeout: LONGEST });
  await page.waitForSelector(sign, { state: "attached", timeout: LONGEST });
  await painted(page);
  const rows = page.locator("[aria-rowcount], table[data-rows]").first();
  const count = Number((await rows.getAttribute("aria-rowcount")) ?? (await rows.getAttribute("data-rows")));
  if (count !== population.credentials + 1) wrong.add(`${count} rows in ${sign}`);
  await page.close();
}

/** What people do then, for the record: milliseconds until the next picture. */
async function interactions(browser: Browser, file: string): Promise<void> {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("html[data-ready]");
  const told: string[] = [];
  for (const [what, act] of [
    ["search", async () => page.getByRole("searchbox").fill("ledger pci")],
    ["show all", async () => page.getByRole("button", { name: "Show all" }).click()],
    ["sort", async () => page.getByRole("grid").getByRole("button", { name: "Due", exact: true }).click()],
    ["group", async () => page.getByLabel("Group by").selectOption("team")],
    ["scroll to the end", async () => page.getByRole("grid").evaluate((grid) => grid.scrollTo(0, 1e9))],
    ["open a credential", async () => page.getByRole("grid").getByRole("link").last().click()],
  ] as const) {
    const started = performance.now();
    await act();
    await painted(page);
    told.push(`${what} ${Math.round(performance.now() - started)} ms`);
  }
  process.stdout.write(`R1: then ${told.join(", ")}\n`);
  await page.close();
}

/** Two frames: the first is drawn before the second is asked for. */
async function painted(page: Page): Promise<void> {
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
