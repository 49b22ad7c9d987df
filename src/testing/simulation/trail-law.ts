import { segmentText } from "../../core/audit/seal.ts";
import { verifyTrail } from "../../core/audit/verify.ts";
import { sha256 } from "../evaluation/world.ts";
import { CANARY } from "./bound-site.ts";
import type { Repository } from "./repository.ts";

/** What is wrong with the trail of a whole story; undefined: it is one unbroken chain, and no secret was written down. */
export function trailBreach(repository: Repository): string | undefined {
  const commits = repository.history().filter(({ entries }) => entries.length > 0);
  const segments = commits.map(({ entries }) => {
    const [first] = entries;
    const [year, month] = (first?.time ?? "").split("-");
    const lines = segmentText(entries).split("\n").slice(0, -1);
    const seq = String(first?.seq).padStart(12, "0");
    return { path: `audit/${year}/${month}/${seq}-${first?.run}.jsonl`, lines };
  });
  const { ok, faults } = verifyTrail(segments, sha256);
  if (!ok) return `the trail is broken: ${faults[0]?.code} ${faults[0]?.message}`;
  const written = segments.some(({ lines }) => lines.some((line) => line.includes(CANARY)));
  const kept = [...repository.state.statuses.values()].some((one) => JSON.stringify(one).includes(CANARY));
  return written || kept ? "a secret was written down" : undefined;
}
