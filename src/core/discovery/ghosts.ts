import type { Credential } from "../documents/credential.ts";
import { instantIn } from "../evaluate/credential-facts.ts";
import { isRetiring } from "../evaluate/credential-state.ts";
import { compareText } from "../evaluate/order.ts";
import type { Instant } from "../model/instant.ts";
import { canAuthenticate, currentVersion } from "../rotation/reconcile.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Status } from "../state/status.ts";
import type { Ghost } from "./matched.ts";
import { evidenceIn, type Placed, settledAt } from "./placed.ts";
import { publicName } from "./recognise.ts";

/** What ought to live, and since when. */
interface Expected {
  readonly handle: string | undefined;
  readonly since: Instant;
}

/**
 * Registered credentials that ought to live and that a whole look at their place did not show; and those known by their
 * handle alone whose handle a whole look no longer showed.
 */
export function ghostsOf(placed: Placed): readonly Ghost[] {
  const { documents, statuses, byCredential, book, now } = placed;
  const evidence = evidenceIn(placed);
  const gone = goneHandles(placed);
  return [...documents.credentials].flatMap(([name, { document }]): Ghost[] => {
    if (byCredential.has(name)) return [];
    const status = statuses.get(name);
    const expected = expectedOf(document, status, now);
    if (expected === undefined) return [];
    const looks = (evidence.get(name) ?? []).map(({ source, startedAt, at }) => ({
      source: source.name,
      startedAt,
      at,
    }));
    const last = expected.handle === undefined ? undefined : gone.get(expected.handle);
    const newest = [...looks, ...(last === undefined ? [] : [last])]
      .filter(({ startedAt }) => startedAt > expected.since)
      .toSorted((a, b) => compareText(a.at, b.at))
      .at(-1);
    if (newest === undefined) return [];
    const key = `ghost ${name}`;
    return [
      {
        key,
        credential: name,
        handle: expected.handle,
        source: newest.source,
        lookedAt: newest.at,
        since: book.noted?.[key] ?? now,
      },
    ];
  });
}

/** undefined: nothing of it has to be there, or the engine is at it. */
function expectedOf(document: Credential, status: Status | undefined, now: Instant): Expected | undefined {
  const { spec } = document;
  if (isRetiring(document, now) || isOpen(status?.rotation) || status?.behind !== undefined) return undefined;
  const settled = settledAt(status);
  if (settled !== undefined && status !== undefined && status.versions.length > 0) {
    const live = status.versions.filter((version) => canAuthenticate(version, now));
    const current = currentVersion(live) ?? live[0];
    return current === undefined ? undefined : { handle: current.handle, since: settled };
  }
  // All that was recorded has ended.
  if (status?.adoptedAt !== undefined) return undefined;
  if (spec.expiresAt !== undefined && instantIn(spec.expiresAt) <= now) return undefined;
  return { handle: spec.handle, since: instantIn(spec.rotatedAt ?? spec.createdAt) };
}

function goneHandles({ sources, book }: Placed) {
  const all = new Map<
    string,
    { readonly source: string; readonly startedAt: Instant; readonly at: Instant }
  >();
  for (const { name } of sources) {
    for (const { gone = [] } of Object.values(book.sources?.[name]?.parts ?? {})) {
      for (const fact of gone) {
        all.set(publicName(fact), { source: name, startedAt: fact.goneAt, at: fact.goneAt });
      }
    }
  }
  return all;
}
