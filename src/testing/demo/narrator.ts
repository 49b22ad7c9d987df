import { styleText } from "node:util";

const LONGEST = 24;

/** Tells people what happens, on standard output; keeps the words for the summary. */
export class Narrator {
  readonly #began = Date.now();
  readonly told: string[] = [];

  chapter(text: string): void {
    this.#print(`\n${styleText("bold", text)}`, `\n## ${text}`);
  }

  say(text: string): void {
    this.#print(`  ${text}`, text);
  }

  command(text: string): void {
    this.#print(`  ${styleText("cyan", `$ ${text}`)}`, `    $ ${text}`);
  }

  /** What a command printed; of long output the beginning and the end. */
  output(text: string): void {
    const lines = text.trimEnd().split("\n");
    const shown =
      lines.length <= LONGEST
        ? lines
        : [
            ...lines.slice(0, LONGEST / 2),
            `… ${lines.length - LONGEST} more lines …`,
            ...lines.slice(-LONGEST / 2),
          ];
    for (const line of shown) this.#print(`    ${styleText("dim", line)}`, `    ${line}`);
  }

  good(text: string): void {
    this.#print(`  ${styleText("green", "✔")} ${text}`, `- ${text}`);
  }

  bad(text: string): void {
    this.#print(`  ${styleText("red", "✘")} ${text}`, `- FAILED: ${text}`);
  }

  get seconds(): number {
    return Math.round((Date.now() - this.#began) / 1000);
  }

  #print(shown: string, kept: string): void {
    process.stdout.write(`${shown}\n`);
    this.told.push(kept);
  }
}
