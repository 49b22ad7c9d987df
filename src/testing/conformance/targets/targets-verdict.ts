import { isDeepStrictEqual } from "node:util";
import { leaks } from "../proofs.ts";
import type { TargetsTenant } from "./targets-tenant.ts";

/** More runs than two after a kill: something does not end. */
const MOST_RESUMES = 2;

/** What is wrong with a credential after its disturbed rotation; nothing when every invariant held. */
export async function problemsOf(
  tenant: TargetsTenant,
  resumes: number,
  texts: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { consumer, provider, strangersBefore, seen } = tenant;
  const rotation = tenant.status()?.rotation;
  const problems: string[] = [];
  if (rotation?.outcome !== "done" || rotation.recipe !== "overlap") {
    const { step, failure } = rotation ?? {};
    problems.push(`ended as ${rotation?.recipe} ${rotation?.outcome} at ${step} ${failure?.message ?? ""}`);
  }
  if (rotation?.silentSince === undefined) problems.push("ended without evidence of silence");
  if (rotation?.proceed !== undefined) problems.push("needed a person's word");
  problems.push(...(await keyProblems(tenant)));
  if (!isDeepStrictEqual(await provider.strangers(), strangersBefore)) {
    problems.push("something foreign was touched");
  }
  await tenant.sample();
  if (consumer.tally.failures > 0) {
    problems.push(`${consumer.tally.failures} failed sign-ins (${consumer.tally.lastError})`);
  }
  if (resumes > MOST_RESUMES) problems.push(`${resumes} resumes`);
  const leaked = leaks(seen, texts);
  if (leaked.length > 0) problems.push(`secret found in ${leaked.join(", ")}`);
  if (seen.size === 0) problems.push("no new secret ever arrived");
  return problems;
}

/** One key is left, and every target has it, of one attempt, with nothing waiting beside it. */
async function keyProblems(tenant: TargetsTenant): Promise<readonly string[]> {
  const { provider, targets } = tenant;
  const versions = await provider.versions();
  const live = versions.filter((version) => version.live);
  const problems: string[] = [];
  if (live.length !== 1) problems.push(`${live.length} keys can sign in`);
  if (versions.length !== live.length) problems.push("an old key or an orphan is left");
  const recorded = tenant.status()?.versions ?? [];
  if (recorded.length !== 1) problems.push(`${recorded.length} keys are on record`);
  const [version] = recorded;
  for (const target of targets) {
    const { kind } = target;
    const { current, pending } = await target.attempts();
    if (current === undefined || current !== version?.mark?.attempt) {
      problems.push(`${kind} has attempt ${current}, not ${version?.mark?.attempt}`);
    }
    if (pending !== undefined) problems.push(`${pending} waits at ${kind}`);
    if ((await target.current())["accessKeyId"] !== live[0]?.handle) problems.push(`${kind} has another key`);
  }
  return problems;
}
