import type { Instant } from "../../core/model/instant.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import type { ReportLine, RunReport } from "../../runner/run-report.ts";
import type { IncidentOptions } from "../acting.ts";

/**
 * What `cre compromise` says after its run: whether every version from before the incident is dead, and who must act
 * where this machine cannot. With `--wait` anything but proven death is exit 3.
 */
export async function emergencyReport(
  ports: RunnerPorts,
  { credential, wait }: IncidentOptions,
  at: Instant,
  said: string,
  report: RunReport,
  signal: AbortSignal,
): Promise<RunReport> {
  const lines: ReportLine[] = [
    { level: "info", text: `${credential}: ${said}`, credential },
    ...report.lines,
  ];
  const refused = report.plan.find(
    (item) => item.credential === credential && (item.action === "refuse" || item.action === "skip"),
  );
  if (refused !== undefined) {
    lines.push({ level: "error", text: `${credential}: ${refused.reason}`, credential });
  }
  if (signal.aborted) {
    const text = `${credential}: interrupted: whether everything is dead was not asked; cre run goes on, cre status ${credential} tells where it stands`;
    return { ...report, lines: [...lines, { level: "error", text, credential }], pushes: report.pushes + 1 };
  }
  const inputs = await ports.store.fetchInputs(signal);
  const status = (await ports.store.fetchState(inputs, signal)).statuses.get(credential);
  const burnt = status?.versions.filter((version) => version.createdAt <= at && version.live) ?? [];
  // A record that was never filled knows of no version: that is no proof that there is none.
  const known = status?.adoptedAt !== undefined;
  const gone = refused === undefined && known && burnt.length === 0;
  // What it minted, or another place that takes it, may outlive it: the run has said where.
  const dead = gone && !report.lines.some((line) => line.unproven === true && line.credential === credential);
  if (refused === undefined && !known) {
    lines.push({
      level: "error",
      text: `${credential}: nothing is proven dead: it was never adopted, so what could log in before still can`,
      credential,
    });
  }
  if (dead) {
    lines.push({
      level: "info",
      text: `${credential}: every version from before the incident is dead`,
      credential,
    });
  }
  for (const { handle } of burnt) {
    lines.push({ level: "error", text: `${credential}: ${handle} can still log in`, credential });
  }
  const exit = report.exit === 0 && !dead && (wait || refused !== undefined) ? 3 : report.exit;
  return { ...report, exit, lines, pushes: report.pushes + 1 };
}
