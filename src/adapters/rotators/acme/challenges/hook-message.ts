import type { ChallengeTask, ChallengeWay, Visibility } from "./way.ts";

/** What a command or a server of yours is told to do with a CA's challenges. */
export type HookAction = "challenge-ask" | "challenge-put" | "challenge-drop";

/** What is sent; all of it public. */
export function hookMessage(
  action: HookAction,
  credential: string,
  type: ChallengeWay["type"],
  tasks: readonly ChallengeTask[],
): string {
  const answers = tasks.map(({ name, token, keyAuthorization, record }) =>
    type === "http-01"
      ? { name, path: `/.well-known/acme-challenge/${token}`, content: keyAuthorization }
      : { name, record: record.name, type: "TXT", value: record.value },
  );
  return JSON.stringify({ apiVersion: "cre/v1", phase: action, credential, challenge: type, answers });
}

/** What was answered: `{ credential, state }`; undefined for anything else. */
export function hookState(body: Buffer, credential: string): Visibility | "gone" | "ready" | undefined {
  try {
    const said: unknown = JSON.parse(body.toString("utf8"));
    if (typeof said !== "object" || said === null) return undefined;
    if (!("credential" in said) || said.credential !== credential || !("state" in said)) return undefined;
    const { state } = said;
    return state === "visible" || state === "spreading" || state === "gone" || state === "ready"
      ? state
      : undefined;
  } catch {
    return undefined;
  }
}

/** The state that each action ends in; `put` may also be `spreading`. */
export const DONE = {
  "challenge-ask": "ready",
  "challenge-put": "visible",
  "challenge-drop": "gone",
} as const;
