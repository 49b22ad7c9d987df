import type { ExitCode } from "../../core/model/exit-code.ts";
import { Secret } from "../../core/model/secret.ts";
import { readPiped } from "../acting.ts";
import type { Command } from "../command.ts";
import { json, known, lookFor, wantsJson } from "../looking.ts";

export const check: Command = {
  name: "check",
  group: "Prove",
  summary: "Read a value on standard input and say whether it is the current version.",
  detail: [
    "Compares with the public handle of a version, such as an access key id, or with its keyed tag (Settings.tagKey). The value is never shown or stored.",
    "Exit 0: it is the current version. 1: it is not. 2: that cannot be said, and why.",
  ],
  args: [{ name: "NAME", summary: "The credential.", required: true }],
  options: [],
  examples: [{ line: "pass show orders | cre check orders-db", does: "Is this the password in use?" }],
  run: async (invocation, context) => {
    const { compareValue } = await import("../../app/looking/compare-value.ts");
    const value = new Secret(await readPiped(context));
    const sight = await lookFor(invocation, context);
    const credential = await known(sight, invocation.args[0] ?? "");
    const comparison = await compareValue(sight, credential, value, context.env);
    const { verdict, by, handle, text } = comparison;
    context.terminal.result(
      wantsJson(invocation) ? json({ credential, verdict, by, handle, text }) : `${credential}: ${text}\n`,
    );
    const exits: Partial<Record<typeof verdict, ExitCode>> = { current: 0, unknown: 2 };
    return exits[verdict] ?? 1;
  },
};
