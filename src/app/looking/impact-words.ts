import type { ImpactReport } from "../../core/impact/impact-report.ts";
import { counted } from "../../core/text/counted.ts";
import { percentText } from "../../core/text/percent.ts";

type Compliance = ImpactReport["compliance"]["before"];

/** What holds back a change of where secrets come from and go to, or that nothing does; undefined: none is changed. */
export function holdNote({ risks, guard }: ImpactReport): string | undefined {
  if (!risks.some(({ code }) => PLACES.has(code))) return undefined;
  if (guard === null) {
    return "Where secrets come from or go to is changed, and nothing holds that back: it is used as soon as it is merged (settings with `forge` or `changes.cooldown` would hold it).";
  }
  const approved = guard.approval ? "another person has approved the change and " : "";
  return `Where secrets come from or go to is changed: rotations of those credentials are on hold until ${approved}the cooldown (${guard.cooldown}) has passed. An emergency meanwhile uses the old place.`;
}

/** Risks about where secrets come from and go to. */
const PLACES: ReadonlySet<string> = new Set([
  "provider-changed",
  "target-changed",
  "connection-changed",
  "allow-widened",
  "zone-changed",
  "trusted-file-changed",
]);

/** `97 of 100 (97.0 %)`. */
export function fractionText(count: number, { population }: Compliance): string {
  if (population === 0) return "none";
  return `${count} of ${population} (${percentText(count / population)})`;
}

/** A day for people; instants of people's documents are seldom anything else. */
export function dayText(instant: string | null): string {
  return instant?.slice(0, 10) ?? "none";
}

/** By how much a due date moves. */
export function moveText({ days, direction, loosening }: ImpactReport["dueDates"][number]): string {
  const span = days === null ? direction : `${counted(Math.abs(days), "day")} ${direction}`;
  return loosening ? `${span}, loosening` : span;
}

/** What stands behind a standing, for people. */
export function standingText(standing: ImpactReport["standings"][number]["after"]): string {
  switch (standing) {
    case "outside":
      return "retired";
    case "absent":
      return "not registered";
    default:
      return standing;
  }
}

/** Credentials to tell of because they count differently; what merely comes and goes is told as that. */
export function toldStandings({ standings }: ImpactReport): ImpactReport["standings"] {
  return standings.filter(
    ({ before, after }) =>
      after !== "absent" && (before !== "absent" || after === "failing" || after === "exempt"),
  );
}

/** What comes, goes, is renamed or retired, one row each, the most dangerous first. */
export function comingsAndGoings(
  report: ImpactReport,
): readonly { readonly credential: string; readonly what: string; readonly place: string }[] {
  const { added, removed, renamed, retired } = report;
  return [
    ...removed
      .toSorted((a, b) => Number(a.retired) - Number(b.retired))
      .map(({ credential, retired: wasRetired, file, line }) => ({
        credential,
        what: wasRetired ? "removed (it was retired)" : "removed without retirement",
        place: `${file}:${line}`,
      })),
    ...retired.map(({ credential, retiredAt, file, line }) => ({
      credential,
      what: `retired from ${dayText(retiredAt)}`,
      place: `${file}:${line}`,
    })),
    ...renamed.map(({ credential, formerName }) => ({
      credential,
      what: `was called ${formerName}`,
      place: "",
    })),
    ...added.map(({ credential, standing, file, line }) => ({
      credential,
      what: `new, ${standingText(standing)}`,
      place: `${file}:${line}`,
    })),
  ];
}

/** What makes it so, where documents tell. */
export function causesText(causes: readonly string[]): string {
  const told = causes.slice(0, 3);
  const rest = causes.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}
