import type { Credential } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import { instantIn } from "../evaluate/credential-facts.ts";
import { compareKeys } from "../evaluate/order.ts";
import type { Instant } from "../model/instant.ts";

/** How long somebody could use a credential, as documents declared it. */
export interface AccessSpan {
  /** The name that it has now, or had last. */
  readonly credential: string;
  readonly service: string;
  readonly team: string;
  readonly principal: string;
  readonly kind: "service" | "group" | "person" | "external";
  /** As it was declared last. */
  readonly purpose: string | undefined;
  /** When it was declared first, and by which commit. */
  readonly from: Instant;
  readonly by: string;
  /** First moment without it; undefined: no end is known. */
  readonly to: Instant | undefined;
  /** The commit that took it out; undefined: it ended as declared, or has not. */
  readonly endedBy: string | undefined;
}

/** Remembers who had access, commit after commit. */
export interface AccessLog {
  /** What documents said at one commit, not before what it has seen. */
  take(at: Instant, commit: string, documents: Documents): void;
  /** By credential, principal and beginning. */
  spans(): readonly AccessSpan[];
}

/** An empty log. */
export function accessLog(): AccessLog {
  const open = new Map<string, AccessSpan>();
  const closed: AccessSpan[] = [];
  return {
    take: (at, commit, documents) => {
      joinRenames(open, documents);
      const declared = new Map(
        [...documents.credentials].flatMap(([name, source]) => declarationsOf(name, source)),
      );
      for (const [key, span] of open) {
        if (declared.has(key)) continue;
        open.delete(key);
        // What had ended by its own date was only tidied up.
        closed.push(span.to !== undefined && span.to <= at ? span : { ...span, to: at, endedBy: commit });
      }
      for (const [key, facts] of declared) {
        const former = open.get(key);
        const isAnew = former?.to !== undefined && former.to <= at && former.to !== facts.to;
        if (isAnew) closed.push(former);
        const { from, by } = former === undefined || isAnew ? { from: at, by: commit } : former;
        open.set(key, { ...facts, from, by, endedBy: undefined });
      }
    },
    spans: () =>
      [...closed, ...open.values()].toSorted((a, b) =>
        compareKeys([a.credential, a.principal, a.kind, a.from], [b.credential, b.principal, b.kind, b.from]),
      ),
  };
}

/** Whether some of a span lies in `[from, to)`. */
export function isWithin(span: AccessSpan, from: Instant, to: Instant): boolean {
  return span.from < to && (span.to === undefined || span.to > from) && span.from !== span.to;
}

type Declaration = Omit<AccessSpan, "from" | "by" | "endedBy">;

function declarationsOf(name: string, { document }: Sourced<Credential>): [string, Declaration][] {
  const { access = [], owner, service, retiredAt } = document.spec;
  return access.map(({ principal, kind, purpose, until }) => {
    const ends = [until, retiredAt].flatMap((text) => (text === undefined ? [] : [instantIn(text)]));
    return [
      keyOf(name, kind, principal),
      {
        credential: name,
        service,
        team: owner.team,
        principal,
        kind,
        purpose,
        to: ends.toSorted()[0],
      },
    ];
  });
}

function keyOf(credential: string, kind: string, principal: string): string {
  return [credential, kind, principal].join("\0");
}

/** A renamed credential is the same one: nobody's access began or ended by it. */
function joinRenames(open: Map<string, AccessSpan>, { credentials }: Documents): void {
  for (const [name, { document }] of credentials) {
    for (const former of document.metadata.formerNames ?? []) {
      if (credentials.has(former)) continue;
      for (const [key, span] of open) {
        if (span.credential !== former) continue;
        open.delete(key);
        open.set(keyOf(name, span.kind, span.principal), { ...span, credential: name });
      }
    }
  }
}
