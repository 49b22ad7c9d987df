import { CreError, EffectError } from "../../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../../core/ports/rotator.ts";
import { checkCommand } from "../../../clients/commands/executable.ts";
import { runCommand } from "../../../clients/commands/run-command.ts";
import { DONE, type HookAction, hookMessage, hookState } from "./hook-message.ts";
import { settledVisibility } from "./spreading.ts";
import type { ChallengeTask, ChallengeWay, Visibility } from "./way.ts";

/** Seconds that one run of the command may take. */
const LIMIT = 40;

/** A program on the runner's host, of those that the settings allow, answers the CA. It gets nothing secret. */
export function commandWay(
  credential: string,
  type: ChallengeWay["type"],
  run: string,
  { commands, pause }: Pick<RotatorPorts, "commands" | "pause">,
): ChallengeWay {
  const command = Object.hasOwn(commands, run) ? commands[run] : undefined;
  if (command === undefined) {
    throw new CreError("command-unknown", `${credential} runs the command ${run}, which is not allowed`, {
      fix: `ask the security team to add ${run} to Settings.commands`,
    });
  }
  const label = `command ${run}`;
  const tell = async (
    action: HookAction,
    tasks: readonly ChallengeTask[],
    signal: AbortSignal,
  ): Promise<Visibility> => {
    if (signal.aborted) throw failure(label, action, "interrupted before it was run");
    checkCommand(label, command);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT * 1000)]);
    const message = `${hookMessage(action, credential, type, tasks)}\n`;
    const ended = await runCommand(command, message, pause, limit);
    if (ended.how !== "exited") throw failure(label, action, ended.reason);
    if (ended.code !== 0) throw failure(label, action, `exit code ${ended.code}`);
    const state = hookState(ended.output, credential);
    if (state === "spreading" && action === "challenge-put") return "spreading";
    if (state === DONE[action]) return "visible";
    throw failure(
      label,
      action,
      `exit code 0, but no JSON on standard output with the state "${DONE[action]}"`,
    );
  };
  return {
    type,
    preflight: async (signal) => void (await tell("challenge-ask", [], signal)),
    put: async (tasks, signal) =>
      settledVisibility(async () => tell("challenge-put", tasks, signal), pause, signal),
    drop: async (tasks, signal) => void (await tell("challenge-drop", tasks, signal)),
  };
}

function failure(label: string, action: HookAction, evidence: string): EffectError {
  return new EffectError(
    "refused",
    "acme-hook-failed",
    `${label} did not do its part of a challenge (${action})`,
    {
      evidence,
      fix: "look into the command's own log; .github/docs/acme.md says what it has to answer",
    },
  );
}
