// `npm run lifecycle`: a service's credentials from registration to the audit, on real services.
// `--compose`: on those of docker-compose.test.yml, which somebody has started.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Narrator } from "../demo/narrator.ts";
import { tellStory } from "./story.ts";

const SUMMARY = fileURLToPath(new URL("../../../test-results/lifecycle.md", import.meta.url));

const tell = new Narrator();
const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());
const options = { env: process.env, compose: process.argv.includes("--compose") };
const problems = await tellStory(tell, options, interrupted.signal);
tell.chapter("The count");
for (const problem of problems) tell.bad(problem);
if (problems.length === 0) tell.good("everything went as the story says");
tell.say(`${tell.seconds} s`);
mkdirSync(join(SUMMARY, ".."), { recursive: true });
writeFileSync(SUMMARY, `# The lifecycle\n${tell.told.join("\n")}\n`);
process.exitCode = interrupted.signal.aborted ? 4 : Math.min(problems.length, 1);
