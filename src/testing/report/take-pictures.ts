// Takes the pictures of the dashboard that the documentation shows, of this repository's own example:
// node src/testing/report/take-pictures.ts
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BrowserContextOptions } from "playwright-core";
import { findChromium, startChromium } from "../services/chromium.ts";

interface Picture {
  readonly name: string;
  readonly hash: string;
  readonly options: BrowserContextOptions;
}

const WIDE = { width: 1360, height: 900 };

const PICTURES: readonly Picture[] = [
  {
    name: "dashboard-light",
    hash: "",
    options: { viewport: { ...WIDE, height: 1180 }, colorScheme: "light" },
  },
  { name: "dashboard-dark", hash: "#credentials", options: { viewport: WIDE, colorScheme: "dark" } },
  {
    name: "dashboard-credential",
    hash: "#credential/orders-db",
    options: { viewport: WIDE, colorScheme: "light" },
  },
  {
    name: "dashboard-narrow",
    hash: "#credentials",
    options: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  },
];

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

async function takePictures(folder: string): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined) throw new Error("this machine has no Chromium");
  const report = mkdtempSync(join(tmpdir(), "cre-pictures-"));
  const browser = await startChromium(chromium);
  try {
    execFileSync(
      process.execPath,
      [join(ROOT, "src/cli/main.ts"), "report", "--format", "html", "--out", report],
      {
        cwd: ROOT,
        stdio: "inherit",
      },
    );
    mkdirSync(folder, { recursive: true });
    for (const { name, hash, options } of PICTURES) {
      const page = await browser.newPage(options);
      await page.goto(`${pathToFileURL(join(report, "index.html")).href}${hash}`);
      await page.waitForSelector("html[data-ready]");
      if (hash.startsWith("#credential/")) await page.getByRole("dialog").waitFor();
      else if (hash !== "") await page.locator(hash).evaluate((section) => section.scrollIntoView());
      await page.screenshot({ path: join(folder, `${name}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(report, { recursive: true });
  }
}

await takePictures(join(ROOT, ".github", "docs", "images"));
