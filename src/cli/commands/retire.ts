import type { Command } from "../command.ts";
import { given, write } from "../writing.ts";

export const retire: Command = {
  name: "retire",
  group: "Write documents",
  summary: "Write down that a credential is no longer needed.",
  detail: [
    "Sets retiredAt in its document. An automated credential is then deactivated and, after the usual evidence, revoked without a successor. The document stays: it is history.",
  ],
  args: [{ name: "NAME", summary: "The credential.", required: true }],
  options: [{ name: "at", value: "INSTANT", summary: "From when on; default: now." }],
  examples: [
    { line: "cre retire old-reports-key --at 2026-12-31", does: "Retire it at the end of the year" },
  ],
  run: async (invocation, context) => {
    const { recordRetired } = await import("../../app/writing/dated-facts.ts");
    const [name = ""] = invocation.args;
    const options = { name, ...given(invocation, { at: "at" }) };
    return write(invocation, context, (writing) => recordRetired(writing, options));
  },
};
