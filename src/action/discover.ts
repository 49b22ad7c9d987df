import { resolve } from "node:path";
import { type ExitCode, worstExit } from "../core/model/exit-code.ts";
import type { DiscoveryReport } from "../core/report/discovery-report.ts";
import { foundText } from "../core/report/found-text.ts";
import { counted } from "../core/text/counted.ts";
import type { HiddenTexts } from "./hidden-texts.ts";
import type { ActionHost } from "./host.ts";
import type { Annotation } from "./job.ts";
import { type Outcome, problemAnnotation } from "./outcome.ts";
import type { DiscoverSettings } from "./settings.ts";
import { summaryTables } from "./summary-page.ts";

/**
 * Looks at the declared sources and proposes stubs for what nobody registered. Reads only at the providers; what it saw
 * is recorded by the scheduled run, not by it.
 */
export async function discover(
  { path, zone }: DiscoverSettings,
  host: ActionHost,
  hidden: HiddenTexts,
): Promise<Outcome> {
  const { discoverNow } = await import("../app/looking/discover.ts");
  const { proposeStubs } = await import("../app/acting/propose-stubs.ts");
  const { env, signal, job } = host;
  const repo = resolve(host.workspace, path);
  const clock = host.now();
  const progress = {
    step: (line: string): void => job.log(line),
    warn: (line: string): void => job.log(`warning: ${line}`),
  };
  const mask = (form: string): void => {
    hidden.add(form);
    job.mask(form);
  };
  const look = { repo, env, clock, signal, progress, mask };
  const ticking = { now: () => host.now() };
  const found = await job.group("cre discover", async () =>
    discoverNow({ ...look, sources: [], ticking, ...(zone === undefined ? {} : { zone }) }),
  );
  const { sight, strays, elsewhere } = found;
  const report = withoutSecrets(found.report, hidden);
  const proposals = strays.length === 0 ? [] : await proposeStubs(sight.documents, strays, look);
  const unproposed =
    proposals === undefined ? ["the settings name no forge: `cre discover --write` writes stubs"] : [];
  const failed = report.sources.filter(({ ok }) => !ok);
  const codes: ExitCode[] = [sight.problems.length > 0 ? 2 : 0, failed.length > 0 ? 3 : 0];
  return {
    exit: worstExit(codes),
    summary: `${counted(report.sources.length, "source")}: ${foundText(report)}`,
    annotations: [
      ...sight.problems.map((problem) => problemAnnotation("error", problem, path)),
      ...failed.map(({ name, error }) => warning(`${name} was not seen whole: ${error}`)),
      ...elsewhere.map(warning),
    ],
    markdown: pageOf(report),
    lines: [...(proposals ?? []), ...unproposed],
    report: { command: "discover", ...report, proposals: proposals ?? [] },
  };
}

function warning(message: string): Annotation {
  return { level: "warning", title: "credential-rotation-enforcer", message };
}

/** What servers said may be in a problem: nothing of it is read by people before it was looked through. */
function withoutSecrets(report: DiscoveryReport, hidden: HiddenTexts): DiscoveryReport {
  const sources = report.sources.map(({ name, kind, ok, scanned, sightings, error, problems }) => ({
    name,
    kind,
    ok,
    scanned,
    sightings,
    error: error === null ? null : hidden.remove(error),
    problems: problems.map((problem) => hidden.remove(problem)),
  }));
  return { ...report, sources };
}

function pageOf({ sources, unmanaged, ghosts, drift, shared }: DiscoveryReport): string {
  return summaryTables([
    {
      title: "Sources",
      columns: ["Source", "Kind", "Seen", "Whole"],
      rows: sources.map(({ name, kind, sightings, error }) => [
        name,
        kind,
        String(sightings),
        error ?? "yes",
      ]),
    },
    {
      title: "Unmanaged",
      columns: ["Handle", "Kind", "Place", "Owner?", "Accepted by"],
      rows: unmanaged.map((row) => [
        row.handle,
        row.kind,
        row.place,
        row.ownerGuess ?? "",
        row.waivedBy ?? "",
      ]),
    },
    {
      title: "Ghosts",
      columns: ["Credential", "Source"],
      rows: ghosts.map(({ credential, source }) => [credential, source]),
    },
    {
      title: "Drift",
      columns: ["Credential", "Handle", "On record", "Seen"],
      rows: drift.map(({ credential, handle, recorded, seen }) => [credential, handle, recorded, seen]),
    },
    {
      title: "Shared",
      columns: ["Handle", "Credential", "Places"],
      rows: shared.map(({ handle, credential, places }) => [handle, credential ?? "", places.join(", ")]),
    },
  ]);
}
