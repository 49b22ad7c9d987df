import {
  CORE_SCHEMA,
  constructFromEvents,
  defineMappingTag,
  EVENT_ID,
  type Event,
  mapTag,
  parseEvents,
} from "js-yaml";
import { diagnose, halfCharacters, isReservedKey } from "./diagnose-yaml.ts";
import { excessiveAliases } from "./excessive-aliases.ts";
import { LIMITS } from "./limits.ts";
import { nodesOf, type YamlNode } from "./yaml-nodes.ts";
import { problemOf, type TextProblem } from "./yaml-problems.ts";

export interface ParsedDocument {
  /** undefined: it cannot be constructed, and `problems` of the file says why. */
  readonly value: unknown;
  /** Offset of its first key, or of whatever stands there. */
  readonly start: number;
  /** What is written, with offsets into the file. Computed when asked for. */
  nodes(): YamlNode;
}

export interface ParsedFile {
  readonly documents: readonly ParsedDocument[];
  readonly problems: readonly TextProblem[];
}

/** YAML 1.2 core, without the keys by which a prototype could be reached. */
const SCHEMA = CORE_SCHEMA.withTags(
  defineMappingTag<Record<string, unknown>>("tag:yaml.org,2002:map", {
    ...mapTag,
    identify: () => false,
    addPair: (map, key, value) => (isReservedKey(key) ? "reserved key" : mapTag.addPair(map, key, value)),
  }),
);

const UNICODE_ESCAPE = /\\[uU]/;

/**
 * Reads all documents of one YAML text; empty ones are left out. A document that is malformed does not hide the others:
 * where the text as a whole cannot be parsed, the pieces between `---` lines are, each by itself.
 */
export function parseYaml(text: string): ParsedFile {
  try {
    return documentsIn(text, parse(text), 0);
  } catch (error) {
    return parsePieces(text, error);
  }
}

function parse(text: string): Event[] {
  // The parser counts the leaf as a level of its own.
  return parseEvents(text, { maxDepth: LIMITS.depth + 1 });
}

function parsePieces(text: string, error: unknown): ParsedFile {
  const starts = [...text.matchAll(/^---(?=[ \t\r\n]|$)/gm)].map(({ index }) => index);
  const borders = [...new Set([0, ...starts, text.length])].toSorted((a, b) => a - b);
  if (borders.length > LIMITS.documentsPerFile + 1) return { documents: [], problems: [problemOf(error, 0)] };
  const pieces = borders.slice(0, -1).map((from, at) => parsePiece(text.slice(from, borders[at + 1]), from));
  const problems = pieces.flatMap((piece) => piece.problems);
  return {
    documents: pieces.flatMap((piece) => piece.documents),
    problems: problems.length === 0 ? [problemOf(error, 0)] : problems,
  };
}

function parsePiece(text: string, base: number): ParsedFile {
  try {
    return documentsIn(text, parse(text), base);
  } catch (error) {
    return { documents: [], problems: [problemOf(error, base)] };
  }
}

function documentsIn(text: string, events: Event[], base: number): ParsedFile {
  const ranges = documentRanges(events).filter(({ from }) => !isEmpty(events[from + 1]));
  if (ranges.length > LIMITS.documentsPerFile) {
    const tooMany = {
      offset: base + startOf(events[(ranges[LIMITS.documentsPerFile]?.from ?? 0) + 1]),
      code: "file-too-many-documents",
      message: `the file holds ${ranges.length} documents, more than ${LIMITS.documentsPerFile}`,
      fix: "split it: one file per service",
    };
    return { documents: [], problems: [tooMany] };
  }
  const problems: TextProblem[] = [];
  const hasEscapes = UNICODE_ESCAPE.test(text);
  const documents = ranges.map(({ from, to, hasAliases }) => {
    const own = events.slice(from, to);
    const { value, wrong } = construct(text, own, base, hasAliases, hasEscapes);
    problems.push(...wrong);
    return { value, start: base + startOf(events[from + 1]), nodes: () => nodesOf(text, own, base) };
  });
  return { documents, problems };
}

function construct(
  text: string,
  events: Event[],
  base: number,
  hasAliases: boolean,
  hasEscapes: boolean,
): { readonly value?: unknown; readonly wrong: readonly TextProblem[] } {
  const excess = hasAliases ? excessiveAliases(text, events, base) : undefined;
  if (excess !== undefined) return { wrong: [excess] };
  try {
    const options = { source: text, schema: SCHEMA, maxAliases: LIMITS.aliasesPerDocument };
    const value = constructFromEvents(events, options)[0];
    const half = hasEscapes ? halfCharacters(nodesOf(text, events, base)) : [];
    return half.length === 0 ? { value, wrong: [] } : { wrong: half };
  } catch (error) {
    const found = diagnose(nodesOf(text, events, base));
    return { wrong: found.length === 0 ? [problemOf(error, base)] : found };
  }
}

interface DocumentRange {
  readonly from: number;
  readonly to: number;
  readonly hasAliases: boolean;
}

function documentRanges(events: readonly Event[]): DocumentRange[] {
  const ranges: DocumentRange[] = [];
  let from = 0;
  let depth = 0;
  let hasAliases = false;
  // Once per scalar of the whole registry: an index is several times faster here than an iterator.
  for (let at = 0; at < events.length; at += 1) {
    const type = events[at]?.type;
    if (type === EVENT_ID.SCALAR) continue;
    if (type === EVENT_ID.ALIAS) {
      hasAliases = true;
    } else if (type === EVENT_ID.POP) {
      depth -= 1;
      if (depth === 0) ranges.push({ from, to: at + 1, hasAliases });
    } else {
      if (depth === 0) {
        from = at;
        hasAliases = false;
      }
      depth += 1;
    }
  }
  return ranges;
}

function isEmpty(event: Event | undefined): boolean {
  return (
    event === undefined || (event.type === EVENT_ID.SCALAR && event.valueStart < 0 && event.tagStart < 0)
  );
}

function startOf(event: Event | undefined): number {
  if (event === undefined) return 0;
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start;
  if (event.type === EVENT_ID.SCALAR) return Math.max(event.valueStart, 0);
  return event.type === EVENT_ID.ALIAS ? event.anchorStart : 0;
}
