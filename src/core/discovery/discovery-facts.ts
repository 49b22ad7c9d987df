import type { CheckInput } from "../compliance/check-input.ts";
import type { Documents } from "../documents/kinds.ts";
import type { Instant } from "../model/instant.ts";
import { EMPTY_DISCOVERY } from "../state/discovery-book.ts";
import type { StateFacts } from "../state/facts.ts";
import { matchDiscovery } from "./match-discovery.ts";

/** The longest, in days, that a credential may go unused, as PCI DSS 8.2.6 has it for accounts. */
const UNUSED_DAYS = 90;

/** What checks may know from discovery; empty where the settings declare no source. */
export function discoveryFacts(
  documents: Documents,
  state: Pick<StateFacts, "statuses" | "books">,
  now: Instant,
): Pick<CheckInput, "discovery" | "usage"> {
  const book = state.books?.discovery ?? EMPTY_DISCOVERY;
  const matched = matchDiscovery({ documents, statuses: state.statuses, book, now });
  if (matched === undefined) return {};
  const { sources, managed, unmanaged, lastUsed } = matched;
  return {
    discovery: {
      sources: sources.map(({ name, wholeAt, within }) =>
        wholeAt === undefined ? { name, within } : { name, within, scannedAt: wholeAt },
      ),
      matched: managed,
      unmanaged: unmanaged.map(({ kind, handle, places }) => `${kind} ${handle} at ${places[0] ?? ""}`),
    },
    usage: { days: UNUSED_DAYS, lastUsed },
  };
}
