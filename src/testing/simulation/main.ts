// Hunts for broken laws: node main.ts [--sagas N] [--seed S] [--trace | --json]
import { parseArgs } from "node:util";
import { simulate } from "./simulate.ts";
import { tell } from "./story.ts";

const USAGE = "usage: npm run simulate -- [--sagas N] [--seed S] [--trace | --json]\n";

const { values } = parseArgs({
  options: {
    sagas: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    /** Tells the whole story of one seed. */
    trace: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [sagas, seed] = [Number(values.sagas), Number(values.seed)];

async function main(): Promise<number> {
  if (!Number.isSafeInteger(sagas) || !Number.isSafeInteger(seed) || sagas < 1) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (values.trace) {
    const { trace, breach, sagas: told } = await tell(seed, 100_000);
    process.stdout.write(`${trace}\n${breach ?? `no law was broken in ${told} sagas`}\n`);
    return breach === undefined ? 0 : 1;
  }
  const result = await simulate({ sagas, seed }, ({ stories, sagas: done }) => {
    process.stderr.write(`${stories} stories, ${done} of ${sagas} sagas\n`);
  });
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${result.text}\n`);
  return result.breach === undefined ? 0 : 1;
}

process.exitCode = await main();
