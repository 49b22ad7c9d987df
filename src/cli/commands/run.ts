import { act } from "../acting.ts";
import type { Command } from "../command.ts";
import { selectorsOf } from "../looking.ts";
import { SELECTORS, ZONE } from "../options.ts";

export const run: Command = {
  name: "run",
  group: "Act",
  summary: "The scheduled run: recover, rotate what is due, record, and say what happened.",
  detail: [
    "Reads documents from the fetched tip of the default branch, never the work tree. Every effect is announced by a pushed commit first, so a run that is killed at any instant is taken up by the next one.",
  ],
  args: [],
  options: [...SELECTORS, ZONE],
  examples: [{ line: "cre run", does: "What the scheduler calls every few hours" }],
  run: async (invocation, context) => {
    const zone = invocation.value("zone");
    const selectors = selectorsOf(invocation);
    return act(invocation, context, (acting) =>
      acting.runScheduled(zone === undefined ? { selectors } : { selectors, zone }),
    );
  },
};
