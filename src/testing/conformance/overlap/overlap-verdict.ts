import { isDeepStrictEqual } from "node:util";
import { leaks } from "../proofs.ts";
import type { OverlapTenant } from "./overlap-tenant.ts";

/** More runs than two after a kill: something does not end. */
const MOST_RESUMES = 2;

/** What is wrong with a credential after its disturbed rotation; nothing when every invariant held. */
export async function problemsOf(
  tenant: OverlapTenant,
  resumes: number,
  texts: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { consumer, provider, strangersBefore } = tenant;
  const rotation = tenant.status()?.rotation;
  const problems: string[] = [];
  if (rotation?.outcome !== "done" || rotation.recipe !== "overlap") {
    problems.push(
      `ended as ${rotation?.recipe} ${rotation?.outcome} at ${rotation?.step} ${rotation?.failure?.message ?? ""}`,
    );
  }
  const tellsUse = provider.tellsUse ?? true;
  if (tellsUse && rotation?.silentSince === undefined) problems.push("ended without evidence of silence");
  if (rotation?.proceed !== undefined) problems.push("needed a person's word");
  const versions = await provider.versions();
  const live = versions.filter((version) => version.live);
  if (live.length !== 1) problems.push(`${live.length} versions can log in`);
  if (versions.length !== live.length) problems.push("an old version or an orphan is left");
  if (!isDeepStrictEqual(await provider.strangers(), strangersBefore)) {
    problems.push("something foreign was touched");
  }
  await provider.signIn(consumer.held()).catch(() => {
    problems.push("the consumer's secret does not log in");
  });
  if (consumer.tally.failures > 0) {
    problems.push(`${consumer.tally.failures} failed logins (${consumer.tally.lastError})`);
  }
  if (resumes > MOST_RESUMES) problems.push(`${resumes} resumes`);
  const leaked = leaks(consumer.seen, texts);
  if (leaked.length > 0) problems.push(`secret found in ${leaked.join(", ")}`);
  if (consumer.seen.size === 0) problems.push("the consumer never got a new secret");
  return problems;
}
