import type { Routed } from "../../core/alerts/due.ts";
import { counted } from "../../core/text/counted.ts";
import type { ReportLine } from "../run-report.ts";

/** What people should know of alerts that do not reach whom they are for: none is dropped in silence. */
export function unreachedLines(routed: ReadonlyMap<string, Routed>): readonly ReportLine[] {
  const owners = new Map<string, number>();
  const nobody: string[] = [];
  const unmatched: string[] = [];
  for (const [fingerprint, { subject, routing }] of routed) {
    const { document, level } = subject;
    if (!routing.matched && level === "emergency") unmatched.push(fingerprint);
    // That the only channel fails is told by the run itself.
    const isAboutChannel = subject.finding.code === "channel-failing";
    if (routing.matched && routing.ways.length === 0 && !isAboutChannel) nobody.push(fingerprint);
    if (!routing.ownerUnreached || document === undefined) continue;
    const { team, contact } = document.spec.owner;
    const owner = `team ${team} (${contact})`;
    owners.set(owner, (owners.get(owner) ?? 0) + 1);
  }
  return [
    ...[...owners].map(
      ([owner, count]): ReportLine => ({
        level: "warning",
        text: `alerts: no channel reaches ${owner}, who owns what ${alerts(count)} about. Fix: give the team a mail address or a Slack channel in the settings that a channel reaches`,
      }),
    ),
    ...lineAbout(unmatched, "warning", "match no route, so nobody is told. Fix: add a route without `match`"),
    ...lineAbout(
      nobody,
      "error",
      "reach nobody. Fix: add a route without `match` at the end of `routes` that names a channel",
    ),
  ];
}

function lineAbout(
  fingerprints: readonly string[],
  level: ReportLine["level"],
  what: string,
): readonly ReportLine[] {
  const [first] = fingerprints;
  if (first === undefined) return [];
  const count = fingerprints.length;
  const text = `alerts: ${counted(count, "alert")} (the first is ${first}) ${count === 1 ? what.replace(/^match\b/, "matches").replace(/^reach\b/, "reaches") : what}`;
  return [{ level, text }];
}

function alerts(count: number): string {
  return count === 1 ? "1 alert is" : `${count} alerts are`;
}
