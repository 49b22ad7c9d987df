import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { NODE_BUNDLE } from "./node-bundle.ts";
import { reportFonts } from "./report-fonts.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = join(ROOT, "dist", "action");

/**
 * Bundles the action into an empty folder: one file that the runner starts, and a chunk for each thing that is loaded
 * when it is first needed, so that a run which uses no AWS never reads its SDK. The same sources give the same bytes,
 * whatever the folder is called. The licences of what is in it are in `LICENSES.txt`, those of the fonts beside
 * them. Gives the files with their sizes.
 */
export async function bundleAction(folder: string): Promise<ReadonlyMap<string, number>> {
  const { metafile, outputFiles } = await build({
    ...NODE_BUNDLE,
    absWorkingDir: ROOT,
    entryPoints: { main: "src/action/main.ts" },
    outdir: folder,
    write: false,
    legalComments: "external",
    metafile: true,
  });
  const licenses = [...packageLicenses(metafile), ...outputFiles.filter(isLegal).map(({ text }) => text)];
  const files = new Map(
    outputFiles
      .filter((file) => !isLegal(file))
      .map(({ path, contents }): [string, Uint8Array] => [relative(folder, path), contents]),
  ).set("LICENSES.txt", Buffer.from([...new Set(licenses)].toSorted().join(`\n${"-".repeat(80)}\n`)));
  for (const [path, bytes] of reportFonts()) files.set(`fonts/${path}`, bytes);
  write(folder, files);
  return new Map([...files].map(([path, { length }]) => [path, length]));
}

function isLegal({ path }: { readonly path: string }): boolean {
  return path.endsWith(".LEGAL.txt");
}

function write(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, bytes] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

/** Name, version and licence of every package that something in the bundle is from. */
function packageLicenses({ inputs }: Metafile): readonly string[] {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  return [...folders].map((folder) => {
    const path = join(ROOT, folder);
    // `as`: npm checked the shape of a package that it installed.
    const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
      readonly [key: string]: unknown;
    };
    const texts = readdirSync(path)
      .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
      .map((file) => readFileSync(join(path, file), "utf8").trim());
    const title = `${String(name)} ${String(version)}`;
    return [typeof license === "string" ? `${title} (${license})` : title, ...texts, ""].join("\n\n");
  });
}

if (import.meta.main) {
  const started = performance.now();
  const files = await bundleAction(FOLDER);
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  for (const [path, size] of [...files].toSorted((a, b) => b[1] - a[1])) {
    console.log(`${(size / 1024).toFixed(0).padStart(6)} KiB  ${path}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${files.size} files, ${(bytes / 1024 / 1024).toFixed(1)} MiB in ${seconds} s: dist/action`);
}
