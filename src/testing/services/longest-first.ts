import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take a minute or several, the longest first. Only the order counts, and a wrong one costs nothing but time. */
const LONG = [
  "src/testing/conformance/killed-rotation.itest.ts",
  "src/testing/simulation/simulation.itest.ts",
  "src/testing/conformance/cut-rotation.itest.ts",
  "src/testing/lifecycle/lifecycle.itest.ts",
  "src/testing/stress/crowd.itest.ts",
  "src/testing/stress/faults.itest.ts",
  "src/testing/conformance/fleet.itest.ts",
  "src/testing/conformance/targets/five-targets.itest.ts",
  "src/testing/conformance/overlap/killed-aws-iam.itest.ts",
  "src/adapters/rotators/postgresql/severed.itest.ts",
  "src/testing/conformance/acting.itest.ts",
  "src/testing/conformance/overlap/killed-authorized-keys.itest.ts",
  "src/testing/services/keycloak/keycloak-contract.itest.ts",
  "src/testing/conformance/certificates/killed-acme.itest.ts",
  "src/adapters/rotators/postgresql/pooler.itest.ts",
  "src/testing/conformance/overlap/killed-entra-application.itest.ts",
  "src/testing/conformance/overlap/stories.itest.ts",
  "src/testing/conformance/overlap/killed-external.itest.ts",
];

/** Begins what takes long first, so that no worker is alone with it at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is Vitest's own sort, and gives an array of its own
    return longestFirst(await super.sort(files));
  }
}

/** Long files before the others of their group; all else stays in its order. */
function longestFirst(files: readonly TestSpecification[]): TestSpecification[] {
  return files.toSorted((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b));
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONG.findIndex((path) => moduleId.endsWith(`/${path}`));
  return rank === -1 ? LONG.length : rank;
}
