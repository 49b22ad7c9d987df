import type { CheckStatus } from "../../../../core/compliance/check-result.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";

/** A colour as a PDF has it: red, green and blue from 0 to 1. */
export type Color = string;

/** `#rrggbb`. */
function color(hex: string): Color {
  return [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255).toFixed(3)).join(" ");
}

/** Every colour of the report. Whatever a colour says is said in words, too; texts have a contrast of at least 4.5. */
export const COLORS = {
  ink: color("#16202c"),
  quiet: color("#55606e"),
  faint: color("#d5dae1"),
  wash: color("#f3f5f8"),
  paper: color("#ffffff"),
  brand: color("#123a5e"),
  accent: color("#1f6feb"),
  danger: color("#b3261e"),
  dangerWash: color("#fdecea"),
  warning: color("#8a5a00"),
  good: color("#1d6b3a"),
} as const;

/** Of charts and dots; told apart by their lightness, too. */
export const STATE_COLORS: Readonly<Record<ReportModel["credentials"][number]["state"], Color>> = {
  active: color("#2f9e5b"),
  stale: color("#e3a008"),
  expired: color("#d1352b"),
  compromised: color("#7a1f5c"),
  retired: color("#a3adba"),
};

/** Of the standing of a check or a control. */
export const STATUS_COLORS: Readonly<Record<CheckStatus, Color>> = {
  pass: color("#1d6b3a"),
  fail: color("#b3261e"),
  exception: color("#8a5a00"),
  "no-population": color("#55606e"),
  "not-measured": color("#55606e"),
  manual: color("#3b4f9a"),
};
