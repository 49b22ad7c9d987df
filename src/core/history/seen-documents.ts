import type { Documents, Sourced } from "../documents/kinds.ts";
import type { Exception } from "../documents/waiver.ts";
import { instantIn } from "../evaluate/credential-facts.ts";
import { type Instant, later } from "../model/instant.ts";

/** A compromise as somebody reported it. */
export interface Compromise {
  readonly id: string;
  readonly credential: string;
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
}

/** An exception as long as its document said this. */
interface ExceptionSpan {
  readonly source: Sourced<Exception>;
  readonly from: Instant;
  /** When the document changed or went; undefined: it has not. */
  to: Instant | undefined;
}

/** What people's documents said at some time, also those that are gone. */
export interface SeenDocuments {
  /** Not before what it has seen. */
  take(at: Instant, documents: Documents): void;
  /** `compromised` blocks under the names that their credentials had last. */
  compromises(): readonly Compromise[];
  /** Exceptions that were in force at some time of a stretch, as they stood last in it, by name. */
  exceptionsIn(from: Instant, to: Instant): readonly Sourced<Exception>[];
}

/** Remembers what a report on a period tells of documents beside their due dates. */
export function seenDocuments(): SeenDocuments {
  const blocks = new Map<string, Compromise>();
  const spans: ExceptionSpan[] = [];
  const open = new Map<string, ExceptionSpan>();
  return {
    take: (at, { credentials, exceptions }) => {
      for (const [name, { document }] of credentials) {
        const { compromised } = document.spec;
        if (compromised === undefined) continue;
        const reported = instantIn(compromised.at);
        for (const former of document.metadata.formerNames ?? []) {
          if (!credentials.has(former)) blocks.delete(`${former}@${reported}`);
        }
        const id = `${name}@${reported}`;
        const { reportedBy: by, reason } = compromised;
        blocks.set(id, { id, credential: name, at: reported, by, reason });
      }
      for (const [name, span] of open) {
        if (exceptions.get(name)?.document === span.source.document) continue;
        span.to = at;
        open.delete(name);
      }
      for (const [name, source] of exceptions) {
        if (open.has(name)) continue;
        const span: ExceptionSpan = { source, from: at, to: undefined };
        open.set(name, span);
        spans.push(span);
      }
    },
    compromises: () => [...blocks.values()],
    exceptionsIn: (from, to) => {
      const found = new Map<string, Sourced<Exception>>();
      for (const span of spans) {
        const { spec, metadata } = span.source.document;
        const begin = later(later(from, instantIn(spec.startsAt)), span.from);
        const ends = [to, instantIn(spec.expiresAt), ...(span.to === undefined ? [] : [span.to])];
        if (ends.every((end) => begin < end)) found.set(metadata.name, span.source);
      }
      return [...found.values()];
    },
  };
}
