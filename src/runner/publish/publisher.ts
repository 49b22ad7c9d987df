import type { Errand } from "../assign.ts";
import type { People } from "../ports.ts";
import type { Publication } from "../publication.ts";
import type { ReportLine } from "../run-report.ts";
import type { World } from "../world.ts";

/** One way to people. Gives what a person should know about it; a line of level error makes the run fail (exit 3). */
export type Publisher = (
  world: World,
  publication: Publication,
  people: People,
  errand: Errand,
  signal: AbortSignal,
) => Promise<readonly ReportLine[]>;
