import { act } from "../acting.ts";
import type { Command } from "../command.ts";
import { REASON } from "../options.ts";

export const release: Command = {
  name: "release",
  group: "Act",
  summary: "End a hold, or withdraw an incident that was a false alarm.",
  args: [
    {
      name: "ID",
      summary: "Id of the hold or incident, or the credential's name where only one is in force.",
      required: true,
    },
  ],
  options: [REASON],
  examples: [
    { line: 'cre release orders-db --reason "incident 12 is over"', does: "End the hold on one credential" },
  ],
  run: async (invocation, context) => {
    const [id = ""] = invocation.args;
    return act(invocation, context, (acting) =>
      acting.release({ id, reason: invocation.value("reason") ?? "" }),
    );
  },
};
