import { Secret } from "../../core/model/secret.ts";
import { readPiped } from "../acting.ts";
import type { Command } from "../command.ts";
import { known, lookFor } from "../looking.ts";

export const check: Command = {
  name: "check",
  group: "Prove",
  summary: "Read a value on standard input and say whether it is the current version.",
  detail: [
    "Compares with the keyed tag (Settings.tagKey) or, for public values such as an access key id, with the handle. The value is never shown or stored.",
  ],
  args: [{ name: "NAME", summary: "The credential.", required: true }],
  options: [],
  examples: [{ line: "pass show orders | cre check orders-db", does: "Is this the password in use?" }],
  run: async (invocation, context) => {
    const { compareValue } = await import("../../app/looking/compare-value.ts");
    const value = new Secret(await readPiped(context.stdin));
    const sight = await lookFor(invocation, context);
    const name = await known(sight, invocation.args[0] ?? "");
    const { verdict, text } = await compareValue(sight, name, value, context.env);
    context.terminal.result(`${name}: ${text}\n`);
    return verdict === "current" ? 0 : verdict === "unknown" ? 2 : 1;
  },
};
