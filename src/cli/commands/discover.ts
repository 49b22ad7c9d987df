import type { Discovered } from "../../app/looking/discover.ts";
import { type ExitCode, worstExit } from "../../core/model/exit-code.ts";
import type { DiscoveryReport } from "../../core/report/discovery-report.ts";
import { foundText } from "../../core/report/found-text.ts";
import { ratioText } from "../../core/report/ratio-text.ts";
import type { CliContext, Command } from "../command.ts";
import { json, lookOptions, soundness, tellDifference, wantsJson } from "../looking.ts";
import { ZONE } from "../options.ts";
import { tellProblems } from "../problem-lines.ts";
import { type Column, renderTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const SOURCES: readonly Column[] = [
  { title: "source", shrinksTo: 12 },
  { title: "kind" },
  { title: "looked at", alignRight: true },
  { title: "seen", alignRight: true },
  { title: "whole", shrinksTo: 20, wraps: true },
];
const UNMANAGED: readonly Column[] = [
  { title: "unmanaged", shrinksTo: 20 },
  { title: "kind" },
  { title: "made" },
  { title: "used" },
  { title: "owner?", shrinksTo: 8 },
  { title: "place", shrinksTo: 20, wraps: true },
];
const GHOSTS: readonly Column[] = [
  { title: "ghost", shrinksTo: 18 },
  { title: "source" },
  { title: "handle", shrinksTo: 20 },
];
const DRIFT: readonly Column[] = [
  { title: "drift", shrinksTo: 18 },
  { title: "handle", shrinksTo: 16 },
  { title: "on record", shrinksTo: 16 },
  { title: "seen", shrinksTo: 20, wraps: true },
];
const SHARED: readonly Column[] = [
  { title: "shared", shrinksTo: 20 },
  { title: "credential", shrinksTo: 12 },
  { title: "places", shrinksTo: 20, wraps: true },
];

export const discover: Command = {
  name: "discover",
  group: "Look",
  summary: "Looks at the declared sources now: unmanaged credentials, ghosts, drift and shared keys.",
  detail: [
    "Asks the providers that `discovery` of the settings names, with the secrets of this machine, and compares what they show with the registry. It only reads, there and here; the scheduled run looks at the same sources by itself and records what it saw.",
    "With `--write` it adds a stub for each live credential that nobody registered to `registry/discovered/`, with the owner guessed from tags, comments and CODEOWNERS. Guesses are marked; `cre validate` shows what nobody could guess. Exit 3 when a source could not be seen whole.",
  ],
  args: [],
  options: [
    { name: "source", value: "NAME", many: true, summary: "Only this source; default: all of the settings." },
    { name: "write", summary: "Add registry stubs for what is unmanaged to the work tree." },
    ZONE,
  ],
  examples: [
    { line: "cre discover", does: "What lives at the providers and nobody registered" },
    {
      line: "cre discover --source prod-aws --write",
      does: "Stubs for the keys of one account, to complete and commit",
    },
  ],
  run: async (invocation, context) => {
    const { discoverNow } = await import("../../app/looking/discover.ts");
    const { terminal } = context;
    const zone = invocation.value("zone");
    const found = await discoverNow({
      ...lookOptions(invocation, context),
      sources: invocation.values("source"),
      ...(zone === undefined ? {} : { zone }),
      ticking: { now: () => context.now() },
      progress: { step: (line) => terminal.note(line), warn: (line) => terminal.warn(line) },
    });
    const { sight, report, strays, elsewhere } = found;
    tellDifference(sight, context);
    tellProblems(terminal, sight.problems);
    for (const line of elsewhere) terminal.warn(`${line}.`);
    terminal.result(wantsJson(invocation) ? json(report) : discoveryText(report, terminal));
    if (invocation.has("write")) await writeStubs(strays, lookOptions(invocation, context).repo, context);
    const failed: ExitCode = report.sources.some(({ ok }) => !ok) ? 3 : 0;
    return worstExit([soundness(sight), failed]);
  },
};

async function writeStubs(
  strays: Discovered["strays"],
  repo: string,
  { terminal }: CliContext,
): Promise<void> {
  const { writeStubs: write } = await import("../../app/writing/discovered-stubs.ts");
  const { files, toFill } = write(repo, strays);
  if (files.length === 0) {
    terminal.note("Nothing to register.");
    return;
  }
  for (const { path, added } of files) terminal.note(`${path}: ${added} added.`);
  if (toFill.length > 0) {
    terminal.warn("Nobody could guess all of it: complete these before you commit.");
    tellProblems(terminal, toFill);
  }
}

function discoveryText(report: DiscoveryReport, terminal: Terminal): string {
  const { sources, managed, unmanaged, ghosts, drift, shared } = report;
  const tables = [
    table(
      SOURCES,
      sources.map(({ name, kind, scanned, sightings, error }) => [
        name,
        kind,
        String(scanned),
        String(sightings),
        error === null ? { text: "yes" } : { text: `no: ${error}`, style: "yellow" as const },
      ]),
    ),
    table(
      UNMANAGED,
      unmanaged.map(({ handle, kind, createdAt, lastUsedAt, ownerGuess, place, live, waivedBy }) => [
        { text: handle, ...(live && waivedBy === null ? { style: "yellow" as const } : {}) },
        kind,
        createdAt?.slice(0, 10) ?? "-",
        lastUsedAt?.slice(0, 10) ?? "-",
        ownerGuess ?? "-",
        `${place}${live ? "" : " (not live)"}${waivedBy === null ? "" : ` (accepted by ${waivedBy})`}`,
      ]),
    ),
    table(
      GHOSTS,
      ghosts.map(({ credential, source, handle }) => [credential, source, handle ?? "-"]),
    ),
    table(
      DRIFT,
      drift.map(({ credential, handle, recorded, seen }) => [credential, handle, recorded, seen]),
    ),
    table(
      SHARED,
      shared.map(({ handle, credential, places }) => [handle, credential ?? "-", places.join(", ")]),
    ),
  ];
  const counts = `${foundText(report)}; ${registeredText(managed)}.\n`;
  return [...tables.flatMap((render) => render(terminal)), counts].join("\n");
}

function registeredText(managed: DiscoveryReport["managed"]): string {
  return managed.denominator === 0
    ? "nothing was seen"
    : `${ratioText(managed)} of what was seen is registered`;
}

function table(columns: readonly Column[], rows: Parameters<typeof renderTable>[2]) {
  return (terminal: Terminal): readonly string[] =>
    rows.length === 0 ? [] : [renderTable(terminal, columns, rows)];
}
