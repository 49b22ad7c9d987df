// Hunts for broken laws: node main.ts [--sagas N] [--seed S] [--trace]
import { parseArgs } from "node:util";
import { simulate } from "./simulate.ts";
import { tell } from "./story.ts";

const { values } = parseArgs({
  options: {
    sagas: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});
const [sagas, seed] = [Number(values.sagas), Number(values.seed)];
if (!Number.isSafeInteger(sagas) || !Number.isSafeInteger(seed) || sagas < 1) {
  process.stderr.write("usage: npm run simulate -- [--sagas N] [--seed S] [--trace]\n");
  process.exitCode = 2;
} else if (values.trace) {
  const { trace, breach, sagas: told } = await tell(seed, 100_000);
  process.stdout.write(`${trace}\n${breach ?? `no law was broken in ${told} sagas`}\n`);
  process.exitCode = breach === undefined ? 0 : 1;
} else {
  const result = await simulate({ sagas, seed }, ({ stories, sagas: done }) => {
    process.stderr.write(`${stories} stories, ${done} sagas\n`);
  });
  process.stdout.write(`${result.text}\n`);
  process.exitCode = result.breach === undefined ? 0 : 1;
}
