import { EffectError } from "../../../core/model/errors.ts";
import type { Held } from "../../../core/ports/delivery.ts";
import type { Ended } from "../../clients/commands/run-command.ts";
import { isDone, type Phase, readHeld } from "../../clients/staged-messages/held.ts";

/** The exit code with which a command promises, in words as well, that nothing was changed. */
const REFUSED = 10;

const SAID: Readonly<Record<Phase, string>> = {
  stage: "to stage the new version",
  promote: "to promote the new version",
  abort: "to drop the new version",
  ask: "to say what it holds",
};

/** What was asked of the command. */
export interface Asked {
  readonly label: string;
  readonly phase: Phase;
  readonly credential: string;
  readonly attempt: string;
}

/**
 * What the command holds after it did what was asked. Throws an EffectError for everything else, and nothing of what
 * the command printed is in it, except the code of a refusal.
 */
export function heldAfter(ended: Ended, asked: Asked): Held {
  const { label, phase, credential, attempt } = asked;
  if (ended.how === "not-started") {
    throw new EffectError("refused", "command-not-started", `${label} could not be started`, {
      evidence: ended.reason,
      fix: "check that the executable and the interpreter that it names are installed on the runner's host",
    });
  }
  if (ended.how === "killed") {
    throw unknown("command-killed", `${label} did not finish ${SAID[phase]}`, ended.reason);
  }
  if (ended.code !== 0) throw failure(ended.code, ended.output, asked);
  const held = readHeld(ended.output, credential);
  if (held === undefined) {
    throw unknown(
      "command-answer-unreadable",
      `what ${label} printed in answer to "${phase}" proves nothing`,
      "exit code 0, but no JSON on standard output that says what it holds of this credential",
    );
  }
  if (!isDone(phase, attempt, held)) {
    throw unknown(
      "command-not-applied",
      `${label} did not do what it was asked ("${phase}")`,
      "exit code 0, but it says that it holds something else",
    );
  }
  return held;
}

function failure(code: number, output: Buffer, { label, phase, credential }: Asked): EffectError {
  const refusal = code === REFUSED ? readRefusal(output, credential) : undefined;
  if (refusal === undefined) {
    return unknown("command-failed", `${label} failed ${SAID[phase]}`, `exit code ${code}`);
  }
  return new EffectError("refused", "command-refused", `${label} refused ${SAID[phase]}`, {
    evidence: `it says "${refusal.code}"`,
    fix: "look into the command's own log for what it means",
    retryable: refusal.retry,
  });
}

function readRefusal(
  output: Buffer,
  credential: string,
): { readonly code: string; readonly retry: boolean } | undefined {
  let said: unknown;
  try {
    said = JSON.parse(output.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  if (!("credential" in said) || said.credential !== credential) return undefined;
  if (!("refused" in said) || typeof said.refused !== "string") return undefined;
  if (!/^[a-z][a-z0-9-]{0,59}$/.test(said.refused)) return undefined;
  return { code: said.refused, retry: "retry" in said && said.retry === true };
}

function unknown(code: string, problem: string, evidence: string): EffectError {
  return new EffectError("unknown", code, problem, {
    evidence,
    fix: "look into the command's own log; the next run asks it again",
  });
}
