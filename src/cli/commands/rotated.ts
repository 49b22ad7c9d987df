import type { Command } from "../command.ts";
import { given, write } from "../writing.ts";

export const rotated: Command = {
  name: "rotated",
  group: "Write documents",
  summary: "Write down that a person rotated a credential.",
  detail: [
    "Sets rotatedAt in its document. For a value that this tool should also deliver see `cre rotate`.",
  ],
  args: [{ name: "NAME", summary: "The credential.", required: true }],
  options: [
    { name: "at", value: "INSTANT", summary: "When it happened; default: now." },
    { name: "expires-at", value: "INSTANT", summary: "The provider's own end of the new version." },
    {
      name: "handle",
      value: "HANDLE",
      summary: "Public handle of the new version, such as an access key id.",
    },
  ],
  examples: [{ line: "cre rotated payments-key --at 2026-11-20", does: "A key was replaced on that day" }],
  run: async (invocation, context) => {
    const { recordRotated } = await import("../../app/writing/dated-facts.ts");
    const [name = ""] = invocation.args;
    const options = { name, ...given(invocation, { at: "at", expiresAt: "expires-at", handle: "handle" }) };
    return write(invocation, context, (writing) => recordRotated(writing, options));
  },
};
