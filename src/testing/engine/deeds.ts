import { EffectError } from "../../core/model/errors.ts";
import type { Mark } from "../../core/ports/rotator.ts";
import { adoptedVersion } from "../../core/rotation/adoption.ts";
import type { Applied } from "../../core/rotation/outcome.ts";
import { observedOf, openRotation, retiring } from "../../core/rotation/transition.ts";
import type { Status, Step } from "../../core/state/status.ts";
import { CREDENTIAL, type Estate } from "./estate.ts";
import { adoptionOf } from "./looks.ts";

/** The secret that a process has in memory, named by its attempt. */
export interface Memory {
  secret: string | undefined;
}

/** Does one thing after another; between two of them the process may die, or a call may fail. */
export type Each = <T>(all: readonly T[], act: (one: T) => void) => void;

/** Does one effect at the provider and the targets, as the runner does. */
export class Deeds {
  readonly #estate: Estate;
  readonly #memory: Memory;
  readonly #each: Each;

  constructor(estate: Estate, memory: Memory, each: Each) {
    this.#estate = estate;
    this.#memory = memory;
    this.#each = each;
  }

  perform(status: Status, step: Step): Applied {
    const { provider, targets, now } = this.#estate;
    const staging = targets.filter(({ stages }) => stages);
    switch (step) {
      case "adopt":
        return this.#adopt(status);
      case "issue": {
        const mark = markOf(status);
        const made = provider.issue(mark, mark.attempt, now);
        this.#memory.secret = mark.attempt;
        return { issued: { ...made, createdAt: now } };
      }
      case "apply": {
        const applied = this.#firstSecret(status);
        const secret = this.#needSecret(status);
        const [known] = status.versions.flatMap((fact) => observedOf(fact, provider.observe()) ?? []);
        provider.apply("a", secret, { expected: known?.mark, next: markOf(status) }, now);
        return applied;
      }
      case "stage": {
        const applied = this.#firstSecret(status);
        this.#each(staging, (target) => target.stage(this.#needSecret(status)));
        return applied;
      }
      case "push": {
        const pushing = targets.filter(({ stages }) => !stages);
        this.#each(pushing, (target) => target.push(this.#needSecret(status)));
        return {};
      }
      case "promote":
        this.#each(staging, (target) => target.promote(markOf(status).attempt));
        return {};
      case "abort":
        return this.#abort(status);
      case "deactivate":
      case "reactivate":
      case "revoke":
        return this.#end(status, step);
      default:
        return {};
    }
  }

  #needSecret(status: Status): string {
    const { attempt } = openRotation(status);
    if (attempt === undefined || this.#memory.secret !== attempt.id) {
      throw new Error("a secret is needed after it was lost");
    }
    return attempt.id;
  }

  /** In place the secret is made with its first use. */
  #firstSecret(status: Status): Applied {
    const { attempt } = openRotation(status);
    if (attempt === undefined || this.#memory.secret === attempt.id || !this.#estate.inPlace) return {};
    if (attempt.handle !== undefined) throw new Error("a secret is needed after it was lost");
    this.#memory.secret = attempt.id;
    return { issued: { handle: `a@${attempt.id}`, slot: "a", createdAt: this.#estate.now } };
  }

  #adopt(status: Status): Applied {
    const choice = adoptionOf(status, this.#estate);
    if (choice.kind !== "adopt") throw new EffectError("refused", "adoption", "changed meanwhile");
    const mark = markOf(status);
    const all = [choice.current, ...choice.others];
    this.#each(all, (version) => this.#estate.provider.adopt(version, mark));
    const versions = all
      .filter((version) => version === choice.current || version.live)
      .map((version) => adoptedVersion(CREDENTIAL.spec, version, version === choice.current, mark));
    return { adopted: { versions, identity: "simulated" } };
  }

  #abort(status: Status): Applied {
    const { provider, targets, inPlace } = this.#estate;
    const { attempt, id } = openRotation(status);
    const staging = targets.filter(({ stages }) => stages);
    if (attempt !== undefined) this.#each(staging, (target) => target.abort(attempt.id));
    const orphans = provider.observe().filter((version) => {
      const inUse = status.versions.some(
        (fact) => fact.promoted && observedOf(fact, [version]) !== undefined,
      );
      return version.mark?.rotation === id && !inUse && !inPlace;
    });
    this.#each(orphans, ({ slot, mark }) => {
      if (mark === undefined) return;
      provider.revoke(slot, { expected: mark, next: { ...mark, epoch: status.epoch } });
    });
    this.#memory.secret = undefined;
    return {};
  }

  #end(status: Status, step: "deactivate" | "reactivate" | "revoke"): Applied {
    const { provider } = this.#estate;
    this.#each(retiring(status), (fact) => {
      const version = observedOf(fact, provider.observe());
      if (version?.mark === undefined) return;
      const { slot, mark } = version;
      provider[step](slot, { expected: mark, next: { ...mark, epoch: status.epoch } });
    });
    return {};
  }
}

function markOf(status: Status): Mark {
  const { id, attempt } = openRotation(status);
  if (attempt === undefined) throw new Error("a mark needs an attempt");
  return { rotation: id, attempt: attempt.id, epoch: status.epoch };
}
