import { writeSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** How many tests ended in each way. What failed outside a test (an import, a hook, a stray rejection) counts as failed. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** `12 passed, 0 failed`, with `, 3 skipped` only where tests were skipped. */
export function closingLine(tally: Tally): string {
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}

/**
 * Makes one plain line with the counts the very last output of a test run, so that a script need not understand
 * the runner's own summary. Written as the process exits, because teardown may still print after the summary.
 */
export class ClosingLine implements Reporter {
  readonly #tally: Tally = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    process.once("exit", (code) => {
      // A run that failed without a failing test (nothing found, a broken set-up) must not read as a clean one.
      if (code !== 0 && this.#tally.failed === 0) this.#tally.failed = 1;
      writeSync(process.stdout.fd, `${closingLine(this.#tally)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    this.#tally.passed = 0;
    this.#tally.skipped = 0;
    this.#tally.failed = unhandled.length;
    for (const module of modules) this.#count(module);
  }

  #count(module: TestModule): void {
    let failedTests = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") this.#tally.passed += 1;
      else if (state === "skipped") this.#tally.skipped += 1;
      else failedTests += 1;
    }
    const brokenModule = module.state() === "failed" && failedTests === 0 ? 1 : 0;
    this.#tally.failed += failedTests + brokenModule;
  }
}
