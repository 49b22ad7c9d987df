import { defineConfig } from "vitest/config";
import { ClosingLine } from "./src/testing/services/closing-line.ts";
import { LongestFirst } from "./src/testing/services/longest-first.ts";

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    // Prints which services were found, and fails where a required one is missing.
    globalSetup: ["src/testing/services/ladder.ts"],
    env: { TZ: "UTC", LC_ALL: "C.UTF-8" },
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "examples/**/*.test.ts"],
          // No module has state (src/testing/architecture), so that files can share a worker: half the time.
          isolate: false,
          // A quick test may share two busy cores with a database.
          testTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["src/**/*.itest.ts", "examples/**/*.itest.ts"],
          globalSetup: ["src/testing/services/built-runners.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One more than the processors of a small machine: most of these wait for servers half of their time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
