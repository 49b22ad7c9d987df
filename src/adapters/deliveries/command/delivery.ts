import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { SecretParts } from "../../../core/model/secret.ts";
import type {
  BoundDelivery,
  Consignment,
  Delivery,
  DeliveryPorts,
  Held,
} from "../../../core/ports/delivery.ts";
import { checkCommand } from "../../clients/commands/executable.ts";
import { runCommand } from "../../clients/commands/run-command.ts";
import type { Phase } from "../../clients/staged-messages/held.ts";
import { LARGEST_MESSAGE, messageText } from "../../clients/staged-messages/message.ts";
import { heldAfter } from "./verdict.ts";

/** Below the 60 s that the runner gives an effect, so that a command that hangs is gone before the step is over. */
const LIMIT_SECONDS = 55;

/**
 * The `command` delivery: a program on the runner's host, of those that the settings allow, stages, promotes, aborts
 * and answers. It gets the secret on standard input, never in arguments or environment, and what it prints is never
 * shown. Whether an application has read what it promoted, it cannot say.
 */
export const commandDelivery: Delivery = createCommandDelivery(LIMIT_SECONDS);

/** The delivery with another limit, in seconds, for one run of the command; the caller's signal may end it earlier. */
export function createCommandDelivery(limitSeconds: number): Delivery {
  return {
    kind: "command",
    connections: () => [],
    stages: () => true,
    bind: async (name, _, entry, ports) => bindCommand(name, entry, ports, limitSeconds),
  };
}

function bindCommand(
  credential: string,
  entry: DeliverEntry,
  { commands, pause }: DeliveryPorts,
  limitSeconds: number,
): BoundDelivery {
  if (entry.command === undefined) throw new Error("bound to an entry of another kind");
  const { run } = entry.command;
  const command = Object.hasOwn(commands, run) ? commands[run] : undefined;
  if (command === undefined) {
    throw new CreError("command-unknown", `${credential} runs the command ${run}, which is not allowed`, {
      fix: `ask the security team to add ${run} to Settings.commands`,
    });
  }
  const label = `command ${run}`;
  const send = async (phase: Phase, attempt: string, input: string, signal: AbortSignal): Promise<Held> => {
    if (signal.aborted) {
      throw new EffectError("refused", "command-interrupted", `${label}: interrupted before it was run`);
    }
    if (Buffer.byteLength(input) > LARGEST_MESSAGE) {
      throw new EffectError("refused", "command-too-large", `${label}: the parts are too large`, {
        evidence: `more than ${LARGEST_MESSAGE} bytes`,
        retryable: false,
      });
    }
    // At every run, not only at preflight: the host may have changed since.
    checkCommand(label, command);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limitSeconds * 1000)]);
    const ended = await runCommand(command, `${input}\n`, pause, limit);
    return heldAfter(ended, { label, phase, credential, attempt });
  };
  const tell = async (
    phase: Exclude<Phase, "ask">,
    consignment: Consignment,
    parts: SecretParts | undefined,
    signal: AbortSignal,
  ): Promise<void> =>
    void (await send(phase, consignment.attempt, messageText(phase, consignment, parts), signal));
  const question = JSON.stringify({ apiVersion: "cre/v1", phase: "ask", credential });
  const ask = async (signal: AbortSignal): Promise<Held> => send("ask", "", question, signal);
  return {
    label,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async (signal) => void (await ask(signal)),
    stage: async (consignment, parts, signal) => tell("stage", consignment, parts, signal),
    completes: true,
    promote: async (consignment, signal, certificate) => tell("promote", consignment, certificate, signal),
    abort: async (consignment, signal) => tell("abort", consignment, undefined, signal),
    holds: async (signal) => ask(signal).catch((error: unknown) => unknownOf(error)),
  };
}

/** A command that fails to answer is not known to hold anything. */
function unknownOf(error: unknown): "unknown" {
  if (error instanceof EffectError) return "unknown";
  throw error;
}
