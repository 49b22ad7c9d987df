// Compares parts of the program with their peers: node main.ts ID...
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { compareDashboard } from "./dashboard/comparison.ts";
import { comparePdfRows } from "./pdf-rows.ts";
import { type Comparison, comparisonText } from "./rounds.ts";
import { compareTlsScan } from "./tls-scan/comparison.ts";

const RESULTS = new URL("../../../bench/results.json", import.meta.url);

/** By the goal's id. Undefined: its peer is not on this machine, which is neither passed nor failed. */
const COMPARISONS: Readonly<Record<string, () => Promise<Comparison | undefined>>> = {
  R1: compareDashboard,
  R2: comparePdfRows,
  T1: compareTlsScan,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(COMPARISONS);
const results: Record<string, unknown> = earlier();
for (const id of wanted) {
  const compared = COMPARISONS[id];
  if (compared === undefined) {
    process.stderr.write(`there is no ${id}; there are ${Object.keys(COMPARISONS).join(", ")}\n`);
    process.exitCode = 2;
    continue;
  }
  const result = await compared();
  process.stdout.write(
    result === undefined ? `${id}: skipped, its peer is missing\n` : comparisonText(result),
  );
  results[id] = result ?? { id, skipped: true };
  if (result !== undefined && (result.wrong.length > 0 || result.median < result.goal)) process.exitCode = 1;
}
mkdirSync(new URL(".", RESULTS), { recursive: true });
writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);

function earlier(): Record<string, unknown> {
  try {
    // Written by this program alone.
    return JSON.parse(readFileSync(RESULTS, "utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}
