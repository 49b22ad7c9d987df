import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { htmlReporter } from "../../adapters/reporters/html/reporter.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { credential, exception } from "../evaluation/world.ts";
import { findChromium, startChromium } from "../services/chromium.ts";
import { fullReport } from "./full-report.ts";
import { BROKEN, HOSTILE, RECORDS, sampleReport, WORLD } from "./sample-report.ts";

const chromium = findChromium();
const folder = mkdtempSync(join(tmpdir(), "cre-dashboard-"));
/** What a page said in its console or asked of anybody, beside itself. */
const noise: string[] = [];
const state: { browser?: Browser } = {};
const files = new Map<ReportModel, string>();
const everything = fullReport();

beforeAll(async () => {
  if (chromium !== undefined) state.browser = await startChromium(chromium);
});
afterAll(async () => {
  await state.browser?.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await Promise.all(state.browser?.contexts().map((context) => context.close()) ?? []);
  const heard = noise.splice(0);
  if (heard.length > 0) throw new Error(`the page was not silent: ${heard.join("; ")}`);
});

async function pageOf(model: ReportModel, options: BrowserContextOptions = {}, hash = ""): Promise<Page> {
  const file = await fileOf(model);
  const page = await state.browser!.newPage(options);
  page.on("console", (message) => noise.push(message.text()));
  page.on("pageerror", ({ message }) => noise.push(message));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) noise.push(request.url());
  });
  await page.goto(`${pathToFileURL(file).href}${hash}`);
  if (options.javaScriptEnabled !== false) await page.waitForSelector("html[data-ready]");
  return page;
}

async function fileOf(model: ReportModel): Promise<string> {
  const known = files.get(model);
  if (known !== undefined) return known;
  const path = join(folder, `${files.size}.html`);
  for await (const { content } of htmlReporter.files(model)) writeFileSync(path, content);
  files.set(model, path);
  return path;
}

/** Names in the list, from above. */
function names(page: Page): Promise<readonly string[]> {
  return page
    .locator(".rows .row:not(.group)")
    .evaluateAll((rows) =>
      rows
        .toSorted((a, b) => Number(a.getAttribute("aria-rowindex")) - Number(b.getAttribute("aria-rowindex")))
        .map((row) => row.querySelector("a")?.textContent ?? ""),
    );
}

describe.skipIf(chromium === undefined)("the dashboard in a browser", { timeout: 30_000 }, () => {
  test("is searched, filtered, sorted and grouped, and says how many there are", async () => {
    const page = await pageOf(everything);
    const status = page.getByRole("status");
    expect(await names(page)).toHaveLength(8);
    expect((await names(page))[0]).toBe("leaked");
    expect(await status.textContent()).toBe("8 credentials");

    await page.getByRole("searchbox").fill("orders");
    expect(await names(page)).toEqual(["overdue", "waived", "stale"]);
    expect(await status.textContent()).toBe("3 of 8 credentials");
    await page.getByLabel("Owner", { exact: true }).selectOption("orders");
    expect(await names(page)).toEqual(["overdue"]);
    await page.getByRole("button", { name: "Show all" }).click();

    const due = page.getByRole("grid").getByRole("columnheader", { name: "Due", exact: true });
    await due.getByRole("button").click();
    expect(await due.getAttribute("aria-sort")).toBe("ascending");
    expect((await names(page)).slice(0, 2)).toEqual(["overdue", "waived"]);
    await due.getByRole("button").click();
    expect(await due.getAttribute("aria-sort")).toBe("descending");

    await page.getByRole("button", { name: /^expired/ }).click();
    expect((await names(page)).toSorted()).toEqual(["overdue", "waived"]);
    await page.getByLabel("Group by").selectOption("service");
    const heads = page.locator(".row.group");
    expect(await heads.allTextContents()).toEqual([
      "orders10 of 1 inside their policy (0.0 %)",
      "shop10 of 1 inside their policy (0.0 %)",
    ]);
    await heads.getByRole("button", { name: "shop" }).click();
    expect(await names(page)).toEqual(["waived"]);
  });

  test("is used by keyboard alone: arrows, a credential opened and closed, the focus where it was", async () => {
    const page = await pageOf(everything);
    await page.getByRole("searchbox").focus();
    await page.getByRole("grid").getByRole("link", { name: "leaked" }).focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    const focused = () => page.evaluate("document.activeElement?.textContent");
    expect(await focused()).toBe("overdue");
    await page.keyboard.press("Enter");
    const drawer = page.getByRole("dialog", { name: "overdue" });
    await drawer.waitFor();
    expect(page.url()).toMatch(/#credential\/overdue$/);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
    expect(await focused()).toBe("overdue");
    expect(page.url()).not.toContain("#");
  });

  test("is read by a screen reader: landmarks, headings, a grid with its numbers of rows", async () => {
    const page = await pageOf(everything);
    const tree = await page.locator("body").ariaSnapshot();
    for (const line of [
      "- banner:",
      '- navigation "Parts of the report":',
      "- main:",
      "- contentinfo:",
      '- heading "Credential rotation report" [level=1]',
      '- search "Credentials":',
      '- grid "Credentials":',
      '- columnheader "State":',
      '- rowheader "leaked":',
    ]) {
      expect(tree).toContain(line);
    }
    const images = page.getByRole("img");
    expect(await images.and(page.getByLabel(/^8 credentials: 1 compromised, 2 expired/)).count()).toBe(1);
    expect(await images.and(page.getByLabel(/^Trend\. 2026-01-01: 3 of 6/)).count()).toBe(1);
    expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe("9");
    const unnamed = await page
      .locator("input, select, button, a, [role=region], svg[role=img]")
      .evaluateAll((all) =>
        all
          .filter((one) => {
            const label = one.getAttribute("aria-label") ?? one.getAttribute("aria-labelledby");
            const isField = one.matches("input, select");
            const words = isField ? one.parentElement?.querySelector("label")?.textContent : one.textContent;
            return !label && !words?.trim();
          })
          .map((one) => one.outerHTML),
      );
    expect(unnamed).toEqual([]);
  });

  test("opens the credential that its address names, with everything about it", async () => {
    const page = await pageOf(everything, {}, "#credential/database");
    const drawer = page.getByRole("dialog", { name: "database" });
    const text = (await drawer.textContent()) ?? "";
    for (const words of [
      "the old version to be silent long enough",
      "orders-api",
      "v-2026-02-20",
      "rotateWithin 60d = 2026-04-21",
      "the new version is proven in use: current at orders-api",
      "12–19",
      "registry/database.yaml:1",
    ]) {
      expect(text).toContain(words);
    }
    await page.evaluate('location.hash = "#credential/waived"');
    await page.getByRole("dialog", { name: "waived" }).getByText("waived by season").waitFor();
    await page.evaluate('location.hash = "#credential/nobody"');
    await page.getByText("This report has no credential nobody.").waitFor();
  });

  test("shows texts of every script, and what looks like HTML, as the texts they are", async () => {
    const [first, ...others] = everything.credentials;
    const named = { ...first!, name: HOSTILE.html, team: HOSTILE.arabic, service: HOSTILE.chinese };
    const page = await pageOf({ ...everything, credentials: [named, ...others] });
    const link = page.getByRole("link", { name: HOSTILE.html, exact: true });
    await link.click();
    const drawer = page.getByRole("dialog", { name: HOSTILE.html, exact: true });
    await drawer.getByText(HOSTILE.arabic).first().waitFor();
    await drawer.getByText(HOSTILE.chinese).first().waitFor();
    expect(await page.locator("img, iframe, main script").count()).toBe(0);
  });

  test("shows summary and credentials without scripts, too", async () => {
    const page = await pageOf(everything, { javaScriptEnabled: false });
    expect(await page.locator(".percent").allTextContents()).toEqual(["42.9 %", "57.1 %"]);
    const rows = page.locator("#credentials tbody tr");
    expect(await rows.count()).toBe(8);
    expect(await rows.first().textContent()).toContain("leaked");
    expect(await page.locator("#tools").isVisible()).toBe(false);
  });

  test("is dark where people want it dark, and narrow where there is no room", async () => {
    const page = await pageOf(everything, { colorScheme: "dark", viewport: { width: 360, height: 740 } });
    const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await ground()).toBe("rgb(14, 17, 22)");
    await page.getByLabel("Colours").selectOption("light");
    expect(await ground()).toBe("rgb(246, 247, 249)");
    const widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
    expect(widths).toEqual([360, 360]);
    await page.getByRole("link", { name: "overdue" }).first().click();
    const box = await page.getByRole("dialog").boundingBox();
    expect(box).toMatchObject({ x: 0, width: 360 });
  });

  test("is printed as a plain table of what was chosen, with everything unfolded", async () => {
    const page = await pageOf(everything);
    await page.getByRole("searchbox").fill("orders");
    await page.emulateMedia({ media: "print" });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    const printed = page.locator(".printed tbody th");
    expect(await printed.allTextContents()).toEqual(["overdue", "waived", "stale"]);
    expect(await page.locator("details:not([open])").count()).toBe(0);
    expect(await page.getByRole("grid").isVisible()).toBe(false);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await page.locator(".printed").count()).toBe(0);
    expect(await page.locator("details[open]").count()).toBe(0);
  });

  test("says first of all that the chain is broken, or that it is a what-if", async () => {
    const page = await pageOf(
      sampleReport(WORLD, RECORDS, {
        clock: "what-if",
        chain: { verdict: BROKEN, comparedWithCommits: true },
      }),
    );
    const first = page.locator("main > :first-child");
    expect(await first.getByRole("heading").textContent()).toBe("The audit chain is broken");
    expect(await first.textContent()).toContain("What if: today's documents");
    expect(await first.textContent()).toContain("entry 2 was changed");
    const other = await pageOf(sampleReport(WORLD, RECORDS, { clock: "what-if" }));
    expect(await other.locator("main > :first-child h2").textContent()).toBe("What if: this is no evidence");
  });

  test("is whole without any credential, without policies, and with 200 exceptions on one", async () => {
    const empty = await pageOf(sampleReport([], {}));
    expect(await empty.getByText("No credential is registered.").count()).toBe(1);
    expect(await empty.locator(".percent").allTextContents()).toEqual(["–", "–"]);
    const lonely = await pageOf(sampleReport([credential("lonely")], {}), {}, "#credential/lonely");
    await lonely.getByRole("dialog").getByText("No policy matches it.").waitFor();
    const waivers = Array.from({ length: 200 }, (_, at) =>
      exception(`waiver-${at}`, { credentials: ["overdue"], policy: "keys" }),
    );
    const many = await pageOf(sampleReport([...WORLD, ...waivers]), {}, "#credential/overdue");
    const exceptions = many.getByRole("dialog").locator("section", { hasText: "Exceptions" }).last();
    await exceptions.getByText("waiver-199", { exact: true }).waitFor();
    expect(await exceptions.locator(".finding").count()).toBe(201);
  });
});
