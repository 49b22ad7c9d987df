import { type Instant, parseInstant } from "../../../core/model/instant.ts";

/** What is wrong with an answer: a field, and our own words about it. Nothing of the answer is in it. */
export class Malformed extends Error {
  constructor(path: string, what: string) {
    super(`${path} ${what}`);
    this.name = "Malformed";
  }
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

/** One value of an answer and its place there. Reading it as what it must be throws Malformed when it is not that. */
export class Field {
  readonly path: string;
  readonly #value: unknown;

  constructor(path: string, value: unknown) {
    this.path = path;
    this.#value = value;
  }

  /** A field of this object that must be there. */
  get(name: string): Field {
    const found = this.optional(name);
    if (found === undefined) throw new Malformed(this.#at(name), "is missing");
    return found;
  }

  /** A field of this object; null counts as absent. Fields that nobody asks for are ignored. */
  optional(name: string): Field | undefined {
    const object = this.#object();
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    return value === undefined || value === null ? undefined : new Field(this.#at(name), value);
  }

  entries(most: number): readonly (readonly [string, Field])[] {
    const names = Object.keys(this.#object());
    if (names.length > most) throw this.wrong(`has more than ${most} fields`);
    // The name is not shown: it is the server's word.
    return names.map((name, at) => [name, new Field(`${this.path}[${at}]`, this.#object()[name])]);
  }

  list(most: number): readonly Field[] {
    if (!Array.isArray(this.#value)) throw this.wrong("is no list");
    if (this.#value.length > most) throw this.wrong(`has more than ${most} entries`);
    return this.#value.map((value, at) => new Field(`${this.path}[${at}]`, value));
  }

  text(): string {
    if (typeof this.#value !== "string") throw this.wrong("is no text");
    return this.#value;
  }

  matching(pattern: RegExp): string {
    const text = this.text();
    if (!pattern.test(text)) throw this.wrong(`does not match ${pattern.source}`);
    return text;
  }

  oneOf<const T extends string>(words: readonly T[]): T {
    const text = this.text();
    const word = words.find((one) => one === text);
    if (word === undefined) throw this.wrong(`is none of ${words.join(", ")}`);
    return word;
  }

  flag(): boolean {
    if (typeof this.#value !== "boolean") throw this.wrong("is neither true nor false");
    return this.#value;
  }

  count(most: number): number {
    const value = this.#value;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > most) {
      throw this.wrong(`is no whole number from 0 to ${most}`);
    }
    return value;
  }

  /** RFC 3339 with `Z`, in seconds; fractions are cut. */
  instant(): Instant {
    const text = this.text();
    const instant = DATE_TIME.test(text) ? parseInstant(text) : undefined;
    if (instant === undefined) throw this.wrong("is no RFC 3339 instant with Z");
    return instant;
  }

  wrong(what: string): Malformed {
    return new Malformed(this.path, what);
  }

  #object(): Record<string, unknown> {
    if (typeof this.#value !== "object" || this.#value === null || Array.isArray(this.#value)) {
      throw this.wrong("is no object");
    }
    // `as`: any object that is no array has string keys.
    return this.#value as Record<string, unknown>;
  }

  #at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}
