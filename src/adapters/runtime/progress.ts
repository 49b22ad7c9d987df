import type { Secret } from "../../core/model/secret.ts";
import type { Progress } from "../../core/ports/runtime.ts";
import { createRedactor } from "./redactor.ts";

/** Where lines for people go, such as the terminal's standard error. */
export interface ProgressSink {
  step(line: string): void;
  warn(line: string): void;
}

export interface RedactingProgress extends Progress {
  /** From now on no line holds this secret, in none of the forms that tools write it in. */
  keepOut(secret: Secret): void;
}

/**
 * Writes one line per message, with its facts behind it as `name value`. Line breaks become spaces, so that nobody
 * can forge a line. Secrets that were told to `keepOut` are written as `[secret]`; that is a net for what other
 * programs say, and no permission to hand secrets to it. `learn` is told every form of each of them, once.
 */
export function createProgress(sink: ProgressSink, learn?: (form: string) => void): RedactingProgress {
  const redactor = createRedactor(learn);
  const line: (...said: Parameters<Progress["step"]>) => string = (message, facts = {}) => {
    const named = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
    const text = named.length === 0 ? message : `${message} (${named.join(", ")})`;
    return redactor.redact(text).replaceAll(/[\r\n\u2028\u2029]+/g, " ");
  };
  return {
    keepOut: (secret) => redactor.add(secret),
    step: (message, facts) => sink.step(line(message, facts)),
    warn: (message, facts) => sink.warn(line(message, facts)),
  };
}
