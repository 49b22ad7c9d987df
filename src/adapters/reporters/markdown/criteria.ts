import type { ReportModel } from "../../../core/report/report-schema.ts";
import type { Page } from "./page.ts";

/** What credentials were measured by, and what that says to those who assess controls. */
export function addCriteria(page: Page, { policies, controls, trend }: ReportModel): void {
  page.table(
    "Policies",
    ["Policy", "Applies to", "Matches", "Interval", "Enforcement", "Basis", "Reviewed"],
    policies.map((policy) => [
      policy.name,
      String(policy.credentials),
      policy.matches,
      policy.interval,
      policy.enforcement,
      [policy.basis, policy.reference].filter((text) => text !== null).join(", ") || "-",
      policy.reviewedAt ?? "-",
    ]),
  );
  page.table(
    "Trend",
    ["At", "Credentials", "Strict", "With exceptions", "Of"],
    trend.map(({ at, credentials, strict, adjusted }) => [
      at,
      String(credentials),
      String(strict.numerator),
      String(adjusted.numerator),
      String(strict.denominator),
    ]),
  );
  if (controls === null) return;
  page.table(
    "Checks",
    ["Check", "About", "Status", "Met", "Of", "With exceptions", "Does not evidence"],
    controls.checks.map(({ check, title, status, numerator, denominator, adjusted, not }) => [
      check,
      title,
      status,
      numberText(numerator),
      numberText(denominator),
      numberText(adjusted),
      not,
    ]),
  );
  for (const framework of controls.frameworks) {
    page.table(
      `Controls of ${framework.title} ${framework.version}`,
      ["Control", "About", "Fit", "Status", "Checks", "Does not evidence"],
      framework.controls.map(({ id, title, fit, status, checks, not }) => [
        id,
        title,
        fit,
        status,
        checks.map((check) => `${check.check} ${check.status}`).join(", ") || "-",
        not,
      ]),
    );
  }
}

function numberText(value: number | null): string {
  return value === null ? "-" : String(value);
}
