/** Bounds of what is read at all: far above honest use, far below what would hurt. */
export const LIMITS = {
  bytesPerFile: 256 * 1024,
  /** Collections inside collections, flow or block. */
  depth: 32,
  documentsPerFile: 1000,
  documents: 500_000,
  aliasesPerDocument: 100,
  /** Nodes of a document when every alias is written out. */
  expandedNodes: 20_000,
} as const;
