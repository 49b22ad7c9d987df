/*
 * A process that promotes `a2` in the env file it is given and kills itself after the operation it is given; it ends
 * with 0 when there are fewer operations.
 */
import { dirname } from "node:path";
import { bindEnvFile, watchedFiles } from "./env-file-bench.ts";
import { consignmentOf } from "./sample-consignment.ts";

const [path = "", last = ""] = process.argv.slice(2);
const files = watchedFiles(
  () => undefined,
  (operation) => {
    if (operation === Number(last)) process.kill(process.pid, "SIGKILL");
  },
);
const target = await bindEnvFile(path, dirname(path), { files });
await target.promote(consignmentOf("a2"), new AbortController().signal);
