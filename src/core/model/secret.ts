/**
 * The only holder of secret text. It cannot be printed, serialised or inspected by accident: every way of turning
 * it into text gives `[secret]`. The architecture test lists the files that may call `reveal()`.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret text itself, for the one call that hands it to a provider or a target. Never log it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

/** The parts that one version publishes, by the name that `values` templates use (`password`, `url`, …). */
export type SecretParts = ReadonlyMap<string, Secret>;
