import { createProgress, type ProgressSink } from "../../adapters/runtime/progress.ts";
import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import { committedFiles } from "../../adapters/store/committed-files.ts";
import { type DeclaredSource, declaredSources } from "../../core/discovery/declared-sources.ts";
import { learnLooks } from "../../core/discovery/learn-looks.ts";
import { matchDiscovery } from "../../core/discovery/match-discovery.ts";
import type { SeenThing } from "../../core/discovery/matched.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";
import type { DiscoverySource } from "../../core/ports/discovery.ts";
import type { Clock } from "../../core/ports/runtime.ts";
import { type DiscoveryReport, discoveryReport } from "../../core/report/discovery-report.ts";
import { discoveryRows } from "../../core/report/discovery-rows.ts";
import { EMPTY_DISCOVERY } from "../../core/state/discovery-book.ts";
import { nearest } from "../../core/text/nearest.ts";
import { type LookBounds, lookAtSources } from "../../runner/look-at-sources.ts";
import { keptOut } from "../acting/kept-out.ts";
import { pause } from "../acting/pause.ts";
import { sourceDesk } from "../acting/source-desk.ts";
import { judge, lookAtMoment, stateBranchOf } from "./look-around.ts";
import type { LookOptions, Sight } from "./sight.ts";

/** Somebody waits for it, and nothing else does. */
const BOUNDS: LookBounds = { all: 6 * 3600, part: 3600, afresh: true };

export interface DiscoverOptions extends LookOptions {
  /** Only these sources; empty: all. */
  readonly sources: readonly string[];
  readonly zone?: string;
  readonly ticking: Clock;
  readonly progress: ProgressSink;
  /** Told every form of each secret that is read, before anything is done with it. */
  readonly mask?: (form: string) => void;
  /** Default: those of this version. */
  readonly kinds?: readonly DiscoverySource[];
}

export interface Discovered {
  readonly sight: Sight;
  readonly report: DiscoveryReport;
  /** Able to authenticate, registered by nobody, and left to nobody by an exception. */
  readonly strays: readonly SeenThing[];
  /** Sources of other zones, with the reason. */
  readonly elsewhere: readonly string[];
}

/**
 * Looks at the declared sources now, from the beginning, with the secrets of this machine, and compares what they show
 * with the documents of the work tree. Reads only, there and here. Rejects with a CreError where no source is declared.
 */
export async function discoverNow(options: DiscoverOptions): Promise<Discovered> {
  const { repo, env, ticking, signal, mask, kinds } = options;
  const moment = await lookAtMoment(options);
  const tip = await moment.side.readState(stateBranchOf(moment.sight.documents), moment.at);
  const before = judge(moment, tip);
  const declared = declaredSources(before.documents.settings?.document.spec);
  const chosen = chosenSources(declared, options.sources);
  const progress = createProgress(options.progress, mask);
  const warn = (message: string): void => progress.warn(message);
  const { commit } = before;
  const desk = sourceDesk(
    before.documents,
    {
      clock: ticking,
      secrets: keptOut(createSecretSource({ env, warn }), progress),
      keepOut: (secret) => progress.keepOut(secret),
      pause,
      progress,
      ...(options.zone === undefined ? {} : { zone: options.zone }),
      files: async () => (commit === undefined ? undefined : committedFiles(repo, env, commit)),
    },
    kinds,
  );
  const elsewhere = chosen.flatMap((source) => {
    const reason = desk.elsewhere(source);
    return reason === undefined ? [] : [{ source, reason }];
  });
  const able = chosen.filter((source) => elsewhere.every((other) => other.source !== source));
  const ports = {
    clock: ticking,
    progress,
    timeLimit: (seconds: number) => AbortSignal.timeout(seconds * 1000),
  };
  const known = before.state.books?.discovery ?? EMPTY_DISCOVERY;
  const looks = await lookAtSources(able, desk, known, BOUNDS, ports, signal);
  const now = ticking.now();
  const input = { documents: before.documents, statuses: before.state.statuses, book: known, now };
  const { book } = learnLooks(input, declared, looks);
  const state = { ...tip, books: { ...tip.books, discovery: book } };
  const sight = judge({ sight: onlySources(moment.sight, able), now }, state);
  const rows = discoveryRows(sight);
  if (rows === null) throw new Error("sources that were declared are gone");
  return {
    sight,
    report: discoveryReport(rows, looks, now),
    strays: straysIn(sight),
    elsewhere: elsewhere.map(({ source, reason }) => `${source.name} was left out: ${reason}`),
  };
}

/** The documents with these sources alone: what others showed is not asked for. */
function onlySources<S extends { readonly documents: Documents }>(
  sight: S,
  sources: readonly DeclaredSource[],
): S {
  const { settings } = sight.documents;
  if (settings === undefined) return sight;
  const { document } = settings;
  const spec = { ...document.spec, discovery: sources.map(({ entry }) => entry) };
  return {
    ...sight,
    documents: { ...sight.documents, settings: { ...settings, document: { ...document, spec } } },
  };
}

function straysIn({ documents, state, evaluation }: Sight): readonly SeenThing[] {
  const book = state.books?.discovery ?? EMPTY_DISCOVERY;
  const matched = matchDiscovery({ documents, statuses: state.statuses, book, now: evaluation.asOf });
  const accepted = new Set(
    evaluation.findings
      .filter(({ code, waivedBy }) => code === "unmanaged" && waivedBy !== null)
      .map(({ discriminator }) => discriminator),
  );
  return (matched?.unmanaged ?? []).filter(({ key, fact }) => fact.live && !accepted.has(key));
}

function chosenSources(
  declared: readonly DeclaredSource[],
  names: readonly string[],
): readonly DeclaredSource[] {
  if (declared.length === 0) {
    throw new CreError("no-sources", "The settings declare no source of discovery.", {
      fix: "Add `discovery` to the settings; the page on discovery shows each kind.",
    });
  }
  const known = declared.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    throw new CreError("source-unknown", `There is no source \`${unknown}\`.`, {
      fix: near === undefined ? `There are ${known.join(", ")}.` : `Did you mean \`${near}\`?`,
    });
  }
  return names.length === 0 ? declared : declared.filter(({ name }) => names.includes(name));
}
