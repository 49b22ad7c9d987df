import type { CredentialRow, ReportModel } from "../../../../core/report/report-schema.ts";
import { worstFirst } from "../../../../core/report/worst-first.ts";
import { html, type Markup } from "../markup.ts";
import { nothing, type Section } from "../section.ts";
import { table } from "../table.ts";

/** So many stand in the page for those without scripts. */
const WORST = 1000;

/** All credentials: a place that the page's script fills, and the worst as a plain table where no script runs. */
export function credentialsSection({ credentials }: ReportModel): Section {
  return {
    id: "credentials",
    title: "Credentials",
    count: credentials.length,
    body:
      credentials.length === 0
        ? nothing("No credential is registered.")
        : html`<div id="grid" hidden></div>
<noscript>${plainTable(worstFirst(credentials))}</noscript>`,
  };
}

/** As few bytes as can be: it is a third of the page of a large organisation. */
function plainTable(credentials: readonly CredentialRow[]): Markup {
  return table(
    [
      { title: "Credential", of: ({ name }) => name },
      { title: "State", of: ({ state }) => state },
      { title: "Due", of: ({ dueAt }) => dueAt?.slice(0, 10) ?? "–" },
      { title: "Days", of: ({ daysUntilDue }) => daysUntilDue ?? "–" },
      { title: "Rotated", of: ({ lastRotatedAt }) => lastRotatedAt.slice(0, 10) },
      { title: "Owner", of: ({ team }) => team },
      { title: "Service", of: ({ service }) => service },
      { title: "Policy", of: ({ policy }) => policy ?? "–" },
      { title: "Exception", of: ({ exception }) => exception ?? "–" },
      { title: "Access, as declared", of: accessOf },
    ],
    credentials,
    { caption: "Credentials, the worst first", rest: "api/v1/credentials.json" },
    WORST,
  );
}

function accessOf({ access }: CredentialRow): string {
  if (access === null) return "not declared";
  return access.map(({ principal }) => principal).join(", ") || "nobody";
}
