import type { Connection } from "../../core/documents/connection.ts";
import type { Documents, Problem, Sourced } from "../../core/documents/kinds.ts";
import type { ImpactSide } from "../../core/impact/comparable.ts";
import { type ImpactInput, impactBetween } from "../../core/impact/impact.ts";
import type { ImpactReport } from "../../core/impact/impact-report.ts";
import { at, records, sha256 } from "../evaluation/world.ts";

/** A fixed moment in the middle of the quarter in which the documents of the tests live. */
const NOW = at("2026-03-15");

export function side(documents: Documents, fact: Partial<ImpactSide> = {}): ImpactSide {
  return { documents, invalid: [], darkFiles: new Set(), ...fact };
}

/** What a change of documents does, with records that say nothing unless they are given. */
export function compared(
  before: Documents | ImpactSide,
  after: Documents | ImpactSide,
  input: Partial<ImpactInput> = {},
): ImpactReport {
  return impactBetween({
    before: "documents" in before ? before : side(before),
    after: "documents" in after ? after : side(after),
    state: records({}),
    now: NOW,
    sha256,
    capabilities: () => () => ({
      able: true,
      recipe: "overlap",
      identity: "one",
      shape: { staging: 1, pushing: 0 },
      triesPending: true,
    }),
    problems: [],
    changedFiles: new Set(),
    base: "a".repeat(40),
    notes: [],
    ...input,
  });
}

export function connection(name: string, spec: Partial<Connection["spec"]> = {}): Sourced<Connection> {
  return {
    document: {
      apiVersion: "cre/v1",
      kind: "Connection",
      metadata: { name },
      spec: {
        webhook: { url: "https://orders.internal/hook", key: { id: "k1", secret: { env: "HOOK_KEY" } } },
        ...spec,
      },
    },
    file: "policies/connections.yaml",
    line: 7,
  };
}

export function withConnections(documents: Documents, ...all: readonly Sourced<Connection>[]): Documents {
  return { ...documents, connections: new Map(all.map((source) => [source.document.metadata.name, source])) };
}

export function problem(file: string): Problem {
  return {
    file,
    line: 3,
    column: 1,
    code: "unknown-key",
    message: "There is no key `foo`.",
    fix: "Remove it.",
  };
}
