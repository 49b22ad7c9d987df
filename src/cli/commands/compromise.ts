import { act } from "../acting.ts";
import type { Command } from "../command.ts";
import { REASON, ZONE } from "../options.ts";

export const compromise: Command = {
  name: "compromise",
  group: "Act",
  summary: "Declare a credential compromised and replace it at once, without a merge.",
  detail: [
    "Writes an incident to the state branch and runs the emergency here: windows, limits, freezes, holds, exceptions and waits do not count. Every version from before the incident is deactivated and revoked, and what it minted is ended where the provider can. Where this machine lacks a secret of its connections, the workflow is started that `forge.emergencyWorkflow` of the settings names.",
  ],
  args: [{ name: "NAME", summary: "The credential.", required: true }],
  options: [
    REASON,
    {
      name: "revoke-first",
      summary: "End the old version before there is a new one: an outage, but the leak is shut at once.",
    },
    { name: "wait", summary: "Exit 0 only when every old version is proven dead." },
    ZONE,
  ],
  examples: [
    {
      line: 'cre compromise orders-db --reason "printed in a build log" --wait',
      does: "A leaked password, at 3 a.m.",
    },
  ],
  run: async (invocation, context) => {
    const [credential = ""] = invocation.args;
    const zone = invocation.value("zone");
    return act(invocation, context, (acting) =>
      acting.declareIncident({
        credential,
        reason: invocation.value("reason") ?? "",
        revokeFirst: invocation.has("revoke-first"),
        wait: invocation.has("wait"),
        ...(zone === undefined ? {} : { zone }),
      }),
    );
  },
};
