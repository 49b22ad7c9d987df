import { describe } from "vitest";
import { findNewPebble, findPebble } from "../../../testing/services/acme/binaries.ts";
import { startPebble } from "../../../testing/services/acme/pebble.ts";
import { describeAcmeRotator } from "../../../testing/suites/acme-suite.ts";

const [old, fresh] = [findPebble(), findNewPebble()];

describe.runIf(old !== undefined)("of the distribution", () => {
  describeAcmeRotator("Pebble", async () =>
    startPebble(old ?? { pebble: "", challtestsrv: "" }, { badNonces: 5 }),
  );
});

describe.runIf(fresh !== undefined)("from Go's module proxy", () => {
  const binaries = fresh ?? { pebble: "", challtestsrv: "" };
  describeAcmeRotator("a newer Pebble", async () => startPebble(binaries, { badNonces: 5, isNew: true }));
});
