import { createHash } from "node:crypto";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { html, type Markup } from "./markup.ts";
import { pageBody } from "./page.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page-bundle.ts";

/**
 * The whole page. What it may do is written into it: run its own script and use its own style, known by their digests,
 * and nothing else: no address is ever asked for anything, and no text can become markup.
 */
export function documentOf(model: ReportModel, data: ReadonlyMap<string, string>): string {
  const policy = [
    "default-src 'none'",
    `script-src '${digestOf(PAGE_SCRIPT)}'`,
    `style-src '${digestOf(PAGE_STYLE)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const { markup } = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${titleOf(model)}</title>
<link rel="icon" href="${ICON}">
<style>${raw(PAGE_STYLE)}</style>
</head>
<body>
${pageBody(model)}${[...data].map(
  ([id, text]) => html`<script type="application/octet-stream" id="${id}">${raw(text)}</script>\n`,
)}<script>${raw(PAGE_SCRIPT)}</script>
</body>
</html>
`;
  return markup;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='%231d4ed8' d='M12 1.8 20.6 5v6.6c0 5-3.6 8.7-8.6 10.6-5-1.9-8.6-5.6-8.6-10.6V5Z'/%3E%3C/svg%3E";

function titleOf({ identity }: ReportModel): string {
  const { repository, asOf } = identity;
  return `Credential rotation report${repository === null ? "" : `, ${repository}`}, ${asOf.slice(0, 10)}`;
}

/** Our own style and script, and Base64: nobody else's words. */
function raw(markup: string): Markup {
  return { markup };
}

function digestOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
