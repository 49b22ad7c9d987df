import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { sourceDesk } from "../../app/acting/source-desk.ts";
import { declaredSources } from "../../core/discovery/declared-sources.ts";
import { learnLooks } from "../../core/discovery/learn-looks.ts";
import { matchDiscovery } from "../../core/discovery/match-discovery.ts";
import type { Matched } from "../../core/discovery/matched.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import { EMPTY_DISCOVERY } from "../../core/state/discovery-book.ts";
import { lookAtSources } from "../../runner/look-at-sources.ts";
import { type Planted, statusWith, type Truth } from "./planted.ts";
import { plantAws } from "./planted-aws.ts";
import { plantPostgresql } from "./planted-postgresql.ts";
import { plantSsh } from "./planted-ssh.ts";
import { plantTls } from "./planted-tls.ts";

const estate: Planted[] = [];
beforeAll(async () => {
  estate.push(...(await Promise.all([plantAws(), plantPostgresql(), plantTls(), plantSsh()])));
}, 180_000);
afterAll(async () => {
  await Promise.all(estate.map(async (planted) => planted.close()));
});

interface Seen {
  readonly matched: Matched;
  /** Everything that would be committed and told. */
  readonly text: string;
}

/** Looks at all sources as a run does, from the documents to what it knows afterwards. */
async function lookAtAll(): Promise<Seen> {
  const { documents, problems } = readDocuments(
    [
      {
        path: "policies/all.yaml",
        text: [settingsOf(estate), ...estate.map((one) => one.policies)].join("---\n"),
      },
      ...estate.map((one, at) => ({ path: `registry/${at}.yaml`, text: one.registry })),
    ].map(({ path, text }) => ({ path, bytes: new TextEncoder().encode(text) })),
  );
  expect(problems).toEqual([]);
  const secrets = Object.assign({}, ...estate.map((one) => one.secrets));
  const files = new Map(estate.flatMap((one) => Object.entries(one.files)));
  const told: string[] = [];
  const clock = { now: () => instantOf(Date.now() / 1000) };
  const progress = {
    step: (message: string) => void told.push(message),
    warn: (message: string) => void told.push(message),
  };
  const desk = sourceDesk(documents, {
    clock,
    progress,
    secrets: {
      present: (reference) => "env" in reference && secrets[reference.env] !== undefined,
      read: async (reference) => new Secret("env" in reference ? secrets[reference.env] : ""),
    },
    keepOut: () => undefined,
    pause: async () => undefined,
    files: async () => ({ paths: [...files.keys()].toSorted(), read: async () => files }),
  });
  const declared = declaredSources(documents.settings?.document.spec);
  const statuses = new Map(
    estate.flatMap(({ recorded }) =>
      [...recorded].flatMap(([name, version]) => {
        const credential = documents.credentials.get(name)?.document;
        return credential === undefined ? [] : [[name, statusWith(credential, version)] as const];
      }),
    ),
  );
  const ports = { clock, progress, timeLimit: (seconds: number) => AbortSignal.timeout(seconds * 1000) };
  const bounds = { all: 120, part: 60, afresh: true };
  const { signal } = new AbortController();
  const looks = await lookAtSources(declared, desk, EMPTY_DISCOVERY, bounds, ports, signal);
  const input = { documents, statuses, book: EMPTY_DISCOVERY, now: clock.now() };
  const { book, events } = learnLooks(input, declared, looks);
  const matched = matchDiscovery({ ...input, book });
  if (matched === undefined) throw new Error("no source is declared");
  return { matched, text: JSON.stringify([book, events, told, matched]) };
}

function settingsOf(all: readonly Planted[]): string {
  const sources = all.map(({ source }) => `    - ${source}\n`).join("");
  return `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  network: { scan: ["127.0.0.1:*"] }
  discovery:
${sources}`;
}

/** One list of the truth about all services. */
function truth(of: (one: Truth) => readonly string[]): readonly string[] {
  return estate.flatMap((one) => of(one.truth)).toSorted();
}

test("a look at 300 users, 200 roles, 500 endpoints and 50 hosts finds what was planted, and nothing else", async () => {
  const { matched, text } = await lookAtAll();
  expect(matched.sources.map(({ name, problems }) => `${name}: ${problems.join("; ")}`)).toEqual(
    matched.sources.map(({ name }) => `${name}: `),
  );
  expect(matched.sources.every(({ complete }) => complete)).toBe(true);
  const counts = ({ scanned, sightings }: { readonly scanned: number; readonly sightings: number }) => [
    scanned,
    sightings,
  ];
  const byName = estate.toSorted((a, b) => (a.source < b.source ? -1 : 1));
  expect(matched.sources.map(counts)).toEqual(byName.map((one) => counts(one.truth)));
  expect(matched.managed.toSorted()).toEqual(truth((one) => one.managed));
  expect(matched.unmanaged.map(({ handle }) => handle).toSorted()).toEqual(truth((one) => one.unmanaged));
  expect(matched.ghosts.map(({ credential }) => credential).toSorted()).toEqual(truth((one) => one.ghosts));
  expect(matched.drift.map(({ credential }) => credential).toSorted()).toEqual(truth((one) => one.drifted));
  expect(matched.shared.map(({ handle }) => handle).toSorted()).toEqual(truth((one) => one.shared));
  const canaries = estate.flatMap((one) => one.canaries);
  expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
  expect(canaries.length).toBeGreaterThan(100);
}, 180_000);
