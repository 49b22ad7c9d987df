import { YAMLException } from "js-yaml";
import { LIMITS } from "./limits.ts";

/** Something wrong with the text itself. */
export interface TextProblem {
  readonly offset: number;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

interface Wording {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const INDENTATION =
  "align the keys of one map under each other with spaces, and quote texts that contain `: ` or start with a special character";

/** What the parser says, and what people are told; never anything that stands in the text. */
const WORDINGS: readonly (readonly [RegExp, Wording])[] = [
  [
    /^nesting exceeded/,
    {
      code: "yaml-too-deep",
      message: `lists and maps are nested more than ${LIMITS.depth} deep`,
      fix: "no document needs this: write it flatter",
    },
  ],
  [
    /^aliases exceeded/,
    {
      code: "yaml-too-many-aliases",
      message: `a document has more than ${LIMITS.aliasesPerDocument} aliases (\`*name\`)`,
      fix: "write the values out",
    },
  ],
  [
    /^(null byte|the stream contains non-printable)/,
    {
      code: "yaml-control-character",
      message: "a control character stands in the file",
      fix: "remove it; in double quotes it can be written as an escape such as \\t",
    },
  ],
  [
    /^tab characters/,
    { code: "yaml-malformed", message: "a tab is used for indentation", fix: "indent with spaces" },
  ],
  [
    /within a (single|double) quoted scalar/,
    { code: "yaml-malformed", message: "a quoted text is not closed", fix: "close the quotes" },
  ],
  [
    /within a flow collection/,
    {
      code: "yaml-malformed",
      message: "a list or map in brackets is not closed",
      fix: "close it with ] or }",
    },
  ],
  [
    /^missed comma/,
    {
      code: "yaml-malformed",
      message: "a comma is missing between two entries in brackets",
      fix: "put a comma between them, and quote texts that contain brackets or commas",
    },
  ],
  [
    /^deficient indentation/,
    {
      code: "yaml-malformed",
      message: "this line ends something that is not closed, or is indented too little",
      fix: "close the quotes or brackets before it, or indent it more",
    },
  ],
  [
    /^bad indentation of a (mapping|sequence) entry/,
    { code: "yaml-malformed", message: "this does not continue what stands before it", fix: INDENTATION },
  ],
  [
    /^(end of the stream or a document separator|expected ':' after|can not read a block mapping)/,
    {
      code: "yaml-malformed",
      message: "this is neither a key with a value nor a new document",
      fix: INDENTATION,
    },
  ],
  [
    /escape sequence|hexadecimal/,
    {
      code: "yaml-malformed",
      message: "unknown escape in a double-quoted text",
      fix: "write \\\\ for a backslash, or use single quotes",
    },
  ],
  [
    /tag|directive/i,
    {
      code: "yaml-tag",
      message: "tags and directives are not allowed",
      fix: "remove them: plain YAML says the same",
    },
  ],
  [
    /alias|anchor/,
    {
      code: "yaml-alias",
      message: "an anchor or alias is malformed or names nothing",
      fix: "write the value out",
    },
  ],
  [
    /complex keys/,
    { code: "key-not-text", message: "a list or a map stands as a key", fix: "use a text as the key" },
  ],
  [
    /duplicated mapping key/,
    { code: "key-duplicate", message: "a key stands twice in one map", fix: "keep one of them" },
  ],
];

/** An exception of the parser as a problem; `base` is where its text begins in the file. */
export function problemOf(error: unknown, base: number): TextProblem {
  if (!(error instanceof YAMLException)) {
    return {
      offset: base,
      code: "yaml-unreadable",
      message: "the file cannot be read as YAML",
      fix: "write it anew, step by step, with `cre validate` in between",
    };
  }
  // Of an alias the parser points at the name, after the star.
  const back = /^(aliases exceeded|unidentified alias|recursive alias)/.test(error.reason) ? 1 : 0;
  const offset = Math.max(0, base + (error.mark?.position ?? 0) - back);
  const wording = WORDINGS.find(([pattern]) => pattern.test(error.reason))?.[1];
  return {
    offset,
    ...(wording ?? { code: "yaml-malformed", message: "this is no YAML", fix: INDENTATION }),
  };
}
