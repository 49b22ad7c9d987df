import type { AuditEvent } from "../core/audit/entry.ts";
import { CreError } from "../core/model/errors.ts";
import type { Inputs, StateChange } from "../core/ports/store.ts";
import type { StateFacts } from "../core/state/facts.ts";
import { joinRecords } from "../core/state/rename.ts";
import type { RunnerPorts } from "./ports.ts";

/** What a person's command writes; undefined: it cannot mean anything on this tip, and `said` tells why. */
export type Recorded =
  | {
      readonly change: Pick<StateChange, "incidents" | "holds" | "requests">;
      readonly event: AuditEvent;
      readonly subject: string;
      readonly said: string;
    }
  | { readonly change: undefined; readonly said: string };

/** More rejected pushes than any honest crowd of runners causes. */
const MOST_TRIES = 200;

/**
 * Writes a person's command to the state branch, as files of its own and never as an edit of a leased record. `decide`
 * is asked again on every newer tip. Resolves when the push was acknowledged.
 */
export async function recordCommand(
  ports: RunnerPorts,
  decide: (state: StateFacts, inputs: Inputs) => Recorded,
  signal: AbortSignal,
): Promise<{ readonly recorded: boolean; readonly said: string }> {
  const inputs = await ports.store.fetchInputs(signal);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const tip = await ports.store.fetchState(inputs, signal);
    const recorded = decide(joinRecords(tip, inputs.documents).state, inputs);
    if (recorded.change === undefined) return { recorded: false, said: recorded.said };
    const { credential } = recorded.event;
    const change: StateChange = {
      ...recorded.change,
      events: [recorded.event],
      subject: recorded.subject,
      trailers: credential === undefined ? [] : [{ key: "Credential", value: credential }],
    };
    const outcome = await ports.store.publish(tip, change, ports.identity, ports.clock.now(), signal);
    if (outcome.outcome === "accepted") return { recorded: true, said: recorded.said };
  }
  throw new CreError("state-busy", "the state branch moved at every one of many tries", {
    fix: "run the command again",
  });
}
