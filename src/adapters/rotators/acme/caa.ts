import { Resolver } from "node:dns/promises";
import { CreError } from "../../../core/model/errors.ts";
import type { Caa, ResolveCaa, Site } from "./site.ts";

/** Milliseconds that one lookup may take. */
const LOOKUP = 1500;

/**
 * Refuses where a name's CAA records (RFC 8659) leave the CA out; it would refuse itself, after a challenge that counts.
 * What cannot be looked up refuses nothing: the runner may see another DNS than the CA.
 */
export async function refuseByCaa(
  { ca, names, resolveCaa }: Site,
  identities: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (identities.length === 0) return;
  for (const name of names) {
    const isWildcard = name.startsWith("*.");
    const bare = name.replace(/^\*\./, "");
    const records = await closest(bare, resolveCaa, signal);
    const allowed = allowedBy(records, isWildcard);
    if (allowed === undefined || identities.some((identity) => allowed.includes(identity.toLowerCase()))) {
      continue;
    }
    throw new CreError("acme-caa", `the CAA records of ${bare} do not let ${ca.label} issue for ${name}`, {
      evidence: `they allow ${allowed.filter((one) => one !== "").join(", ") || "nobody"}`,
      fix: `add \`0 issue "${identities[0]}"\` to them, or take a CA that they allow`,
    });
  }
}

/** The records of the name or of the closest one above it that has any. */
async function closest(name: string, resolve: ResolveCaa, signal: AbortSignal): Promise<readonly Caa[]> {
  for (let at = name; at.includes("."); at = at.slice(at.indexOf(".") + 1)) {
    const records = await resolve(at, signal);
    if (records === undefined) return [];
    if (records.length > 0) return records;
  }
  return [];
}

/** The CAs that these records allow; undefined: any. */
function allowedBy(records: readonly Caa[], isWildcard: boolean): readonly string[] | undefined {
  const values = (tag: string): string[] =>
    records
      .filter((record) => record.tag.toLowerCase() === tag)
      .map(({ value }) => (value.split(";")[0] ?? "").trim().toLowerCase());
  const wild = isWildcard ? values("issuewild") : [];
  const issue = wild.length > 0 ? wild : values("issue");
  return issue.length > 0 ? issue : undefined;
}

/** Asks the resolver of this machine. */
export const systemCaa: ResolveCaa = async (name, signal) => {
  const resolver = new Resolver({ timeout: LOOKUP, tries: 1 });
  const stop = (): void => resolver.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const records = await resolver.resolveCaa(name);
    return records.flatMap((record) =>
      Object.entries(record)
        .filter(([tag]) => tag !== "critical")
        .map(([tag, value]) => ({ tag, value: String(value) })),
    );
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    return code === "ENODATA" || code === "ENOTFOUND" ? [] : undefined;
  } finally {
    signal.removeEventListener("abort", stop);
  }
};
