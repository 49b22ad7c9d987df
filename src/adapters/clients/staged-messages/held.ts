import type { Held } from "../../../core/ports/delivery.ts";

/** What is asked of the other side; each can be sent again without a second effect. */
export type Phase = "stage" | "promote" | "abort" | "ask";

/** What an answer says the other side holds, or undefined when it does not speak of this credential. */
export function readHeld(body: Buffer, credential: string): Held | undefined {
  let said: unknown;
  try {
    said = JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
  if (
    typeof said !== "object" ||
    said === null ||
    !("credential" in said) ||
    said.credential !== credential
  ) {
    return undefined;
  }
  const current = "current" in said ? attemptOf(said.current) : undefined;
  const pending = "pending" in said ? attemptOf(said.pending) : undefined;
  if (current === undefined || pending === undefined) return undefined;
  return { ...(current === null ? {} : { current }), ...(pending === null ? {} : { pending }) };
}

function attemptOf(value: unknown): string | null | undefined {
  if (value === null) return null;
  return typeof value === "string" && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}

/** Whether what the other side holds is what the phase must leave behind. */
export function isDone(phase: Phase, attempt: string, { current, pending }: Held): boolean {
  switch (phase) {
    case "stage":
      return current === attempt || pending === attempt;
    case "promote":
      return current === attempt;
    case "abort":
      return current !== attempt && pending !== attempt;
    case "ask":
      return true;
  }
}
