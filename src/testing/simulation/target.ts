import { EffectError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { Held } from "../../core/ports/delivery.ts";
import type { Provider } from "./provider.ts";

/** A delivery target with the consumer behind it. Secrets are named by their attempt. */
export class Target {
  readonly label: string;
  readonly stages: boolean;
  /** What it holds is what its consumer uses, and it says so. */
  readonly confirms: boolean;
  /** Can say what it holds. */
  readonly answers: boolean;
  current: string;
  pending: string | undefined;
  /** What the consumer has loaded: it follows `current` when it reloads. */
  using: string;

  constructor(
    label: string,
    first: string,
    options: { stages: boolean; confirms: boolean; answers: boolean },
  ) {
    this.label = label;
    this.stages = options.stages;
    this.confirms = options.confirms && options.stages;
    this.answers = options.answers || this.confirms;
    this.current = first;
    this.using = first;
  }

  stage(attempt: string): void {
    if (attempt !== this.current) this.pending = attempt;
  }

  promote(attempt: string): void {
    if (attempt === this.current) return;
    if (attempt !== this.pending) {
      throw new EffectError("refused", "unknown-attempt", `${this.label} has no ${attempt}`);
    }
    this.current = attempt;
    this.pending = undefined;
  }

  abort(attempt: string): void {
    if (attempt === this.current) {
      throw new EffectError("refused", "current", `${this.label} uses it`, { retryable: false });
    }
    if (attempt === this.pending) this.pending = undefined;
  }

  push(attempt: string): void {
    this.current = attempt;
  }

  holds(): Held | "unknown" {
    if (!this.answers) return "unknown";
    const current = this.confirms ? this.using : this.current;
    return { current, ...(this.pending === undefined ? {} : { pending: this.pending }) };
  }

  reload(): void {
    this.using = this.current;
  }

  /** The consumer signs in with what it has loaded, else with what its target holds. */
  login(provider: Provider, now: Instant): boolean {
    return [this.using, this.current, this.pending].some((secret) => {
      const ok = provider.login(secret, now);
      if (ok && secret !== undefined) this.using = secret;
      return ok;
    });
  }
}
