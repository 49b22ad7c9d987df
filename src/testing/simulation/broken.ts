// The simulation of an engine with one deliberate mistake: node broken.ts NUMBER SAGAS. Prints what became of it as JSON.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { BREAKAGES } from "./breakages.ts";

const [number = "", sagas = ""] = process.argv.slice(2);
const breakage = BREAKAGES[Number(number)];
if (breakage === undefined) throw new Error("usage: broken.ts NUMBER SAGAS");
const target = new URL(`../../../${breakage.file}`, import.meta.url).href;

registerHooks({
  load: (url, context, next) => {
    if (url !== target) return next(url, context);
    const parts = readFileSync(fileURLToPath(url), "utf8").split(breakage.find);
    if (parts.length !== 2) {
      throw new Error(
        `«${breakage.name}»: ${breakage.file} holds its place ${parts.length - 1} times, not once`,
      );
    }
    return { format: "module-typescript", shortCircuit: true, source: parts.join(breakage.replace) };
  },
});

const { simulate } = await import("./simulate.ts");
const result = await simulate({ sagas: Number(sagas), seed: breakage.from ?? 1 });
process.stdout.write(`${JSON.stringify(result)}\n`);
