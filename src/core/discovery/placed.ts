import type { Documents } from "../documents/kinds.ts";
import { type Instant, later } from "../model/instant.ts";
import type { DiscoveryBook } from "../state/discovery-book.ts";
import type { StateFacts } from "../state/facts.ts";
import type { Status } from "../state/status.ts";
import { wholeOf } from "./after-look.ts";
import type { DeclaredSource } from "./declared-sources.ts";
import type { Seen } from "./matched.ts";
import type { Recognition } from "./recognise.ts";

export interface MatchInput {
  readonly documents: Documents;
  readonly statuses: StateFacts["statuses"];
  readonly book: DiscoveryBook;
  readonly now: Instant;
}

/** Everything that was seen, with the credential that each is. */
export interface Placed extends MatchInput {
  readonly sources: readonly DeclaredSource[];
  readonly known: Recognition;
  readonly byCredential: ReadonlyMap<string, readonly Seen[]>;
}

/** A look that would have shown a credential if it existed. */
export interface Evidence {
  readonly source: DeclaredSource;
  readonly part: string;
  readonly startedAt: Instant;
  readonly at: Instant;
}

/** By credential: the looks whose silence about it says something. Never one that was broken off before it came there. */
export function evidenceIn({ sources, book, known }: Placed): ReadonlyMap<string, readonly Evidence[]> {
  const all = new Map<string, Evidence[]>();
  for (const source of sources) {
    for (const [part, fact] of Object.entries(book.sources?.[source.name]?.parts ?? {})) {
      const whole = wholeOf(fact);
      for (const look of fact.look.complete || whole === undefined ? [fact.look] : [whole, fact.look]) {
        for (const covered of look.covered) {
          const name = known.nameNow(covered);
          if (name === undefined) continue;
          const evidence = { source, part, startedAt: look.startedAt, at: look.at };
          const others = all.get(name);
          if (others === undefined) all.set(name, [evidence]);
          else others.push(evidence);
        }
      }
    }
  }
  return all;
}

/** When the record last said anything new about versions: an older look says nothing about it. */
export function settledAt(status: Status | undefined): Instant | undefined {
  if (status === undefined) return undefined;
  const { rotation, versions, adoptedAt, rotatedAt } = status;
  const instants = [
    adoptedAt,
    rotatedAt,
    rotation?.closedAt,
    rotation?.confirmedAt,
    rotation?.promotedAt,
    rotation?.deactivatedAt,
    ...versions.flatMap(({ createdAt, deactivatedAt }) => [createdAt, deactivatedAt]),
  ].filter((instant) => instant !== undefined);
  return instants.reduce<Instant | undefined>((newest, instant) => later(instant, newest), undefined);
}
