import type { Instant } from "../model/instant.ts";
import type { Proposal } from "../ports/forge.ts";
import { counted } from "../text/counted.ts";
import { markdownCode, markdownText } from "../text/encode/markdown.ts";

/** A file of stubs that people are asked to complete and merge. */
export interface ProposedStubs {
  readonly path: string;
  readonly text: string;
  readonly added: number;
  readonly source: string;
  /** What nobody could guess, as problems of its lines. */
  readonly toFill: readonly { readonly line: number; readonly message: string }[];
}

const MOST_LINES = 50;

/**
 * The pull request of one file of stubs. Its branch is that of a month, so that one that people closed comes back with
 * the next month at the earliest; `number` counts those of a month that were merged.
 */
export function stubProposal(stubs: ProposedStubs, now: Instant, number: number): Proposal {
  const { path, text, added, source, toFill } = stubs;
  const file = path.replace(/^.*\//, "").replace(/\.yaml$/, "");
  const lines = toFill
    .slice(0, MOST_LINES)
    .map(({ line, message }) => `- [ ] line ${line}: ${markdownText(message)}`);
  const more = toFill.length > MOST_LINES ? [`- and ${toFill.length - MOST_LINES} more`] : [];
  return {
    branch: `cre/discovered/${file}-${now.slice(0, 7)}${number === 1 ? "" : `-${number}`}`,
    title: `Register ${counted(added, "credential")} that ${source} showed`,
    body: [
      `${markdownCode(`cre discover`)} saw ${counted(added, "live credential")} at the source ${markdownCode(source)} that nobody registered. Each has a document in ${markdownCode(path)}, with what the provider tells of it.`,
      "Whatever is marked as a guess is one: correct it. Take out what is to be ended at the provider instead, or accept it for a while with an exception.",
      toFill.length === 0
        ? "All fields that must be there are there: it can be merged as it is."
        : "Nobody could guess this; the check of the pull request stays red until it is filled in:",
      [...lines, ...more].join("\n"),
    ]
      .filter((paragraph) => paragraph !== "")
      .join("\n\n"),
    path,
    content: text,
    labels: ["cre", "cre/discovered"],
  };
}
