import { describe, expect, test } from "vitest";
import { EffectError, type EffectFailure } from "../../../core/model/errors.ts";
import type { AccountFile } from "./account-file.ts";
import { changeHosts } from "./hosts.ts";

type Fate = "changed" | "as it should be" | EffectFailure;

/** The outcome of a change of hosts of which each has its fate. */
async function outcomeOf(...fates: readonly Fate[]): Promise<unknown> {
  const files = fates.map((_, at) => ({ target: { name: `web-${at}` } }));
  // `as`: only the name of the host is looked at.
  return changeHosts(files as unknown as readonly AccountFile[], async ({ target: { name } }) => {
    const fate = fates[files.findIndex(({ target }) => target.name === name)];
    if (fate === "refused" || fate === "unknown") throw new EffectError(fate, `was-${fate}`, name);
    return fate === "changed";
  }).then(
    () => "done",
    (error: unknown) => (error instanceof EffectError ? `${error.outcome} ${error.code}` : error),
  );
}

describe("a change of several hosts", () => {
  test("is a refusal only where none of them may have changed", async () => {
    expect(await outcomeOf("changed", "as it should be")).toBe("done");
    expect(await outcomeOf("refused", "changed")).toBe("refused was-refused");
    expect(await outcomeOf("changed", "refused")).toBe("unknown was-refused");
    expect(await outcomeOf("as it should be", "refused")).toBe("refused was-refused");
    expect(await outcomeOf("as it should be", "refused", "unknown")).toBe("unknown was-unknown");
    expect(await outcomeOf("as it should be", "unknown", "refused")).toBe("unknown was-unknown");
  });
});
