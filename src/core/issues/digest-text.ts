import { SETTINGS_DEFAULTS } from "../documents/settings.ts";
import { LEVELS } from "../evaluate/finding.ts";
import { markdownCode, markdownText } from "../text/encode/markdown.ts";
import type { IssuesInput } from "./issues-input.ts";
import { bodyOf, dayOf, markdownTable } from "./markdown-parts.ts";
import { digestKey, markerOf } from "./markers.ts";
import type { Digest } from "./wanted-issues.ts";

/** Findings that a digest lists one by one. */
const ROWS = 100;

export function digestTitle({ owner }: Digest): string {
  return owner === "" ? "Digest: violations without an owner" : `Digest: violations of ${owner}`;
}

/** All violations of an owner who has too many for issues of their own: numbers first, then the worst of them. */
export function digestBody(
  { owner, findings }: Digest,
  { evaluation, documents }: Pick<IssuesInput, "evaluation" | "documents">,
): string {
  const limit = documents.settings?.document.spec.issues?.perOwner ?? SETTINGS_DEFAULTS.issuesPerOwner;
  const who = owner === "" ? "No team owns" : `The team ${markdownCode(owner)} has`;
  const worst = findings.slice(0, ROWS);
  return bodyOf([
    [markerOf(digestKey(owner))],
    [
      `${who} **${findings.length} violations**, more than the ${limit} that get an issue each. So many usually have one cause: look for it first. When they are fewer than half of that, each gets an issue again.`,
    ],
    markdownTable(["Level", "Code", "Number"], counts(findings)),
    ["<details>", `<summary>The ${worst.length} most urgent</summary>`],
    markdownTable(
      ["Level", "Credential", "Code", "Due", "Why"],
      worst.map(({ level, credential, code, fingerprint }) => {
        const due = credential === null ? undefined : evaluation.credentials.get(credential)?.dueAt;
        return [
          level,
          markdownText(credential ?? "(repository)", 80),
          code,
          due === undefined ? "" : dayOf(due),
          markdownCode(`cre explain ${fingerprint}`),
        ];
      }),
    ),
    ["</details>"],
    [`All of them: ${markdownCode(owner === "" ? "cre evaluate" : `cre evaluate --team ${owner}`)}.`],
  ]);
}

function counts(findings: Digest["findings"]): readonly (readonly string[])[] {
  const groups = Map.groupBy(findings, ({ level, code }) => `${level} ${code}`);
  return LEVELS.toReversed().flatMap((level) =>
    [...groups]
      .filter(([group]) => group.startsWith(`${level} `))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, { length }]) => [level, group.slice(level.length + 1), String(length)]),
  );
}
