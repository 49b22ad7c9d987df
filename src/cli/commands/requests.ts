import { act } from "../acting.ts";
import type { Command } from "../command.ts";
import { REASON } from "../options.ts";

function request(
  verb: "retry" | "rollback" | "proceed",
  summary: string,
  detail: string,
  example: string,
): Command {
  return {
    name: verb,
    group: "Act",
    summary,
    detail: [detail, "It is recorded at once and taken up by the next run."],
    args: [{ name: "NAME", summary: "The credential.", required: true }],
    options: [REASON],
    examples: [{ line: `cre ${verb} orders-db --reason "${example}"`, does: summary }],
    run: async (invocation, context) => {
      const [credential = ""] = invocation.args;
      return act(invocation, context, (acting) =>
        acting.request({ verb, credential, reason: invocation.value("reason") ?? "" }),
      );
    },
  };
}

export const retry = request(
  "retry",
  "Try a parked or backed-off rotation again.",
  "Use it when the cause is mended.",
  "firewall rule was missing",
);
export const rollback = request(
  "rollback",
  "Give up a rotation and keep the old version.",
  "Before the new version was promoted it is dropped; while the old one is deactivated it is made live again; once it is revoked there is no way back.",
  "new role lacks a grant",
);
export const proceed = request(
  "proceed",
  "Allow the next irreversible step without evidence.",
  "For providers that cannot tell whether the old version is still used.",
  "checked with all teams",
);
