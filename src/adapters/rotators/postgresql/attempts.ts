import type { Instant } from "../../../core/model/instant.ts";
import type { Secret, SecretParts } from "../../../core/model/secret.ts";
import type { Issued, Mark } from "../../../core/ports/rotator.ts";
import type { Random } from "../../../core/ports/runtime.ts";
import type { Door } from "../../clients/postgresql/door.ts";
import { handleOf } from "../../clients/postgresql/mark.ts";
import { secretParts } from "./parts.ts";
import { generatePassword } from "./password.ts";
import { scramVerifier } from "./scram.ts";
import { publicParts, type Site } from "./site.ts";

/** The secret of one attempt, and what puts it in force again with the same bytes. */
export interface AttemptSecret {
  readonly parts: SecretParts;
  /** Computed at the first call and kept, so that a second one changes nothing at the server. */
  verifier(iterations: number): Promise<Secret>;
}

/**
 * The secrets that this process made, by attempt: new secret ⇔ new attempt. In memory only, gone with `forget`. Beside
 * them what else of a later use only this process can know.
 */
export class Attempts {
  readonly #random: Random;
  readonly #secrets = new Map<string, AttemptSecret>();
  readonly #applied = new Map<string, Instant>();
  #poolers: readonly Door[] | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  has(mark: Mark): boolean {
    return this.#secrets.has(mark.attempt);
  }

  /** The attempt's secret for a role, made at the first call. */
  make(mark: Mark, site: Site, role: string): AttemptSecret {
    const known = this.#secrets.get(mark.attempt);
    if (known !== undefined) return known;
    return this.of(mark, secretParts(generatePassword(this.#random), publicParts(site, role)));
  }

  /** The attempt's secret from its parts; those that this process made already have their verifier. */
  of(mark: Mark, parts: SecretParts): AttemptSecret {
    const known = this.#secrets.get(mark.attempt);
    if (known !== undefined) return known;
    const password = parts.get("password");
    if (password === undefined) throw new Error("a version without a password");
    const salt = this.#random.bytes(16);
    let made: Promise<Secret> | undefined;
    const secret: AttemptSecret = {
      parts,
      verifier: async (iterations) => {
        made ??= scramVerifier(password, salt, iterations);
        return made;
      },
    };
    this.#secrets.set(mark.attempt, secret);
    return secret;
  }

  /** In place: a candidate that is in force nowhere yet. */
  candidate(site: Site, mark: Mark, role: string): Issued {
    const { parts } = this.make(mark, site, role);
    return {
      handle: handleOf(role, { mark, kind: "issued" }),
      slot: role,
      createdAt: site.clock.now(),
      parts,
    };
  }

  /** Remembers when this process put a password in force on a role. */
  applied(role: string, at: Instant): void {
    this.#applied.set(role, at);
  }

  /** When this process last put a password in force on the role; undefined if another one did. */
  lastApplied(role: string): Instant | undefined {
    return this.#applied.get(role);
  }

  /** Remembers behind which doors this process met a pooler. */
  foundPoolers(doors: readonly Door[]): void {
    this.#poolers = doors;
  }

  /** Undefined if this process has not signed in at the consumers' doors. */
  poolers(): readonly Door[] | undefined {
    return this.#poolers;
  }

  forget(): void {
    this.#secrets.clear();
  }
}
