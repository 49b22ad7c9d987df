import { addTo, parseDuration, parseInstant } from "../../core/model/instant.ts";
import { act } from "../acting.ts";
import type { Command } from "../command.ts";
import { usageError } from "../command-line.ts";
import { REASON } from "../options.ts";

export const hold: Command = {
  name: "hold",
  group: "Act",
  summary: "The stop button: no starts and no forward effects until its end.",
  detail: ["In force at once, by one person. Never stops a rollback, a recovery or an emergency."],
  args: [{ name: "NAME", summary: "Credentials to hold.", required: false, many: true }],
  options: [
    { name: "all", summary: "Hold everything." },
    {
      name: "until",
      value: "INSTANT|DURATION",
      required: true,
      summary: "Its end, such as 2026-12-01 or 4h.",
    },
    REASON,
  ],
  examples: [
    {
      line: 'cre hold orders-db --until 4h --reason "incident 12 in orders"',
      does: "Hold one credential for four hours",
    },
  ],
  run: async (invocation, context) => {
    const all = invocation.has("all");
    if (all === invocation.args.length > 0) {
      throw usageError("`cre hold` needs either names or --all.", "Name the credentials, or give --all.");
    }
    const text = invocation.value("until") ?? "";
    const span = parseDuration(text);
    const until = span === undefined ? parseInstant(text) : addTo(context.now(), span);
    if (until === undefined) {
      throw usageError(
        `--until cannot be \`${text}\`.`,
        "Write a date, an instant such as 2026-12-01T08:00:00Z, or a duration such as 4h.",
      );
    }
    return act(invocation, context, (acting) =>
      acting.pressHold({
        credentials: all ? "all" : invocation.args,
        until,
        reason: invocation.value("reason") ?? "",
      }),
    );
  },
};
