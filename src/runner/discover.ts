import { type DeclaredSource, declaredSources } from "../core/discovery/declared-sources.ts";
import { dueSources, learnLooks, type SourceLook } from "../core/discovery/learn-looks.ts";
import { cannotRead } from "../core/reviews/target-standing.ts";
import { EMPTY_DISCOVERY } from "../core/state/discovery-book.ts";
import { bookPath } from "../core/state/layout.ts";
import { counted } from "../core/text/counted.ts";
import type { Errand } from "./assign.ts";
import { type LookBounds, lookAtSources } from "./look-at-sources.ts";
import type { Publication } from "./publication.ts";
import type { ReportLine } from "./run-report.ts";
import type { World } from "./world.ts";

/** Rotations come first: what is not looked at by then is looked at by the next run. */
const BOUNDS: LookBounds = { all: 300, part: 120, afresh: false };

/**
 * Looks at the sources whose interval is over, after everything else was done, and commits what they showed. One that
 * fails hurts no rotation: it is told, and stands in the book as incomplete.
 */
export async function discover(
  world: World,
  publication: Publication,
  errand: Errand,
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  const { ports, inputs } = world;
  const isNarrow = errand.only !== undefined || errand.explicit !== undefined;
  const path = bookPath("discovery");
  const unreadable = publication.state.unreadable?.some((file) => file.path === path) === true;
  if (isNarrow || inputs.problems.length > 0) return [];
  if (unreadable) {
    return [{ level: "error", text: `${path} cannot be read, so no source is looked at` }];
  }
  const declared = declaredSources(inputs.documents.settings?.document.spec);
  const known = publication.state.books?.discovery;
  if (declared.length === 0 && known === undefined) return [];
  const looks = await looksAt(world, publication, declared, signal);
  for (;;) {
    const { documents } = world.inputs;
    const { statuses, books } = publication.state;
    const now = ports.clock.now();
    const input = { documents, statuses, book: books?.discovery ?? EMPTY_DISCOVERY, now };
    const { book, events, isNews } = learnLooks(input, declared, looks);
    if (!isNews || signal.aborted) return linesOf(looks);
    const subject = subjectOf(looks);
    const draft = { statuses: new Map(), events, books: { discovery: book }, subject, trailers: [] };
    if (await publication.push(draft, signal)) return linesOf(looks);
    await publication.refresh(world.inputs, signal);
  }
}

async function looksAt(
  world: World,
  { state }: Publication,
  declared: readonly DeclaredSource[],
  signal: AbortSignal,
): Promise<readonly SourceLook[]> {
  const { ports, usable } = world;
  const book = state.books?.discovery ?? EMPTY_DISCOVERY;
  // Connections are used in the form that is in force, which nobody can say here.
  if (cannotRead(state)) return [];
  const desk = ports.sources?.(usable.inputs);
  if (desk === undefined) return [];
  const due = dueSources(declared, book, ports.clock.now()).filter(
    (source) => desk.elsewhere(source) === undefined,
  );
  return lookAtSources(due, desk, book, BOUNDS, ports, signal);
}

function linesOf(looks: readonly SourceLook[]): readonly ReportLine[] {
  return looks.flatMap((look): ReportLine[] => {
    const { name } = look.source;
    if ("failed" in look) return [{ level: "warning", text: `discovery: ${name}: ${look.failed}` }];
    const parts = [...look.parts.values()];
    const seen = parts.reduce((sum, { sightings }) => sum + sightings.length, 0);
    const isWhole = look.parts.size === look.allParts.length && parts.every(({ complete }) => complete);
    const text = `discovery: ${name}: ${counted(seen, "credential")} seen`;
    if (isWhole) return [{ level: "info", text }];
    const [problem] = parts.flatMap(({ problems }) => problems);
    return [{ level: "warning", text: `${text}, not all of it: ${problem ?? "the next run goes on"}` }];
  });
}

function subjectOf(looks: readonly SourceLook[]): string {
  const names = looks.map(({ source }) => source.name);
  return names.length === 0
    ? "discovery: compared with the registry"
    : `discovery: looked at ${names.join(", ")}`;
}
