import { DAY_TO_FILL } from "../documents/day-to-fill.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import type { Proposal } from "../ports/forge.ts";
import { markdownCode } from "../text/encode/markdown.ts";
import { bodyOf, markdownProse, tickList } from "./markdown-parts.ts";
import { LABEL } from "./markers.ts";

/** The pull request in which a person only has to write the day of a rotation. `issue`: number of its issue. */
export function rotationProposal(
  { name, source }: EvaluatedCredential,
  branch: string,
  content: string,
  issue: number | undefined,
): Proposal {
  const { handle, expiresAt } = source.document.spec;
  const others = [
    ...(handle === undefined ? [] : [markdownProse("Write the `handle` of the new version.")]),
    ...(expiresAt === undefined ? [] : [markdownProse("Write the end of the new version into `expiresAt`.")]),
  ];
  return {
    branch,
    title: `${name}: write down its rotation`,
    body: bodyOf([
      [
        `For whoever rotates ${markdownCode(name)} by hand${issue === undefined ? "" : ` (see #${issue})`}: when it is done, complete this and merge it. Until the day is filled in, ${markdownCode("cre validate")} refuses it.`,
      ],
      tickList([
        `Write the day of the rotation, as ${markdownCode("2026-11-23")}, in place of ${markdownCode(DAY_TO_FILL)} in ${markdownCode(source.file)}.`,
        ...others,
      ]),
    ]),
    path: source.file,
    content,
    labels: [LABEL, `${LABEL}/rotated`],
  };
}
