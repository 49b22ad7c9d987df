import { Secret } from "../../core/model/secret.ts";
import { act, readPiped } from "../acting.ts";
import type { Command } from "../command.ts";
import { ZONE } from "../options.ts";

export const rotate: Command = {
  name: "rotate",
  group: "Act",
  summary: "Rotate one credential now, whether it is due or not.",
  detail: [
    "An automated credential is adopted first if need be, then rotated as a scheduled run would: holds and freezes count, the window and limits do not.",
    "With --value-stdin the value comes from a person (method manual): it is carried to the credential's deliveries and never written down. A JSON object of texts gives several parts.",
  ],
  args: [{ name: "NAME", summary: "The credential.", required: true }],
  options: [{ name: "value-stdin", summary: "Deliver the value on standard input." }, ZONE],
  examples: [
    { line: "cre rotate orders-db", does: "Rotate a database password now" },
    {
      line: "pass show payments/new | cre rotate payments-key --value-stdin",
      does: "Carry a key that was made in a web console",
    },
  ],
  run: async (invocation, context) => {
    const [credential = ""] = invocation.args;
    const zone = invocation.value("zone");
    const value = invocation.has("value-stdin") ? new Secret(await readPiped(context)) : undefined;
    return act(invocation, context, (acting) =>
      acting.rotateOne({
        credential,
        ...(value === undefined ? {} : { value }),
        ...(zone === undefined ? {} : { zone }),
      }),
    );
  },
};
