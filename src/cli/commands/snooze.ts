import type { Command } from "../command.ts";
import { REASON } from "../options.ts";
import { given, write } from "../writing.ts";

export const snooze: Command = {
  name: "snooze",
  group: "Write documents",
  summary: "Silence alerts about credentials for at most 14 days.",
  detail: [
    "Writes a Snooze document. Findings stay and rotations go on; an emergency, and the alert that the enforcer has stopped, are never silent. To stop rotations see `cre hold`.",
  ],
  args: [{ name: "NAME", summary: "Credentials it is for.", required: true, many: true }],
  options: [
    {
      name: "until",
      value: "INSTANT|DURATION",
      required: true,
      summary: "Its end, such as 2026-12-01 or 7d.",
    },
    { ...REASON, summary: "Why." },
    {
      name: "name",
      value: "NAME",
      summary: "Name of the document; default: made from the first credential.",
    },
    { name: "file", value: "FILE", summary: "File to put it in, below exceptions/." },
  ],
  examples: [
    { line: 'cre snooze payments-key --until 7d --reason "vendor ticket 4711"', does: "A week of silence" },
  ],
  run: async (invocation, context) => {
    const { addSnooze } = await import("../../app/writing/waivers.ts");
    const options = {
      credentials: invocation.args,
      until: invocation.value("until") ?? "",
      reason: invocation.value("reason") ?? "",
      ...given(invocation, { name: "name", file: "file" }),
    };
    return write(invocation, context, (writing) => addSnooze(writing, options));
  },
};
