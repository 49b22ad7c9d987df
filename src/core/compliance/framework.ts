import { type Static, Type } from "typebox";
import { closed, documentOf, list, Match, oneOf, text } from "../documents/common.ts";
import { PROVIDER_TYPES, type ProviderKey } from "../documents/provider.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { matches } from "../evaluate/match.ts";
import { CHECKS } from "./check-table.ts";

/**
 * How much a control can lean on the checks: `direct` is evidence for a stated element of it, `supporting` one input among
 * several, `context` only helps whoever judges.
 */
export const FITS = ["direct", "supporting", "context"] as const;

// Its keys are those of the table.
const PROVIDER_KEYS = Object.keys(PROVIDER_TYPES) as ProviderKey[];

const Control = closed({
  id: text("The framework's own number of the control.", 60),
  title: text("What it asks for, in your own words.", 300),
  fit: oneOf(FITS, "How much the checks can say about it."),
  checks: Type.Array(
    oneOf(
      CHECKS.map(({ id }) => id),
      "Id of a check.",
    ),
    { maxItems: 50, uniqueItems: true, description: "Checks that speak to it; none: a person judges." },
  ),
  not: text("What the checks do not evidence about it.", 500),
  appliesWhen: Type.Optional(
    text(
      "A condition that nothing here knows: whether it holds, and the control with it, a person judges.",
      300,
    ),
  ),
});

const Spec = closed({
  title: text("Name of the framework.", 200),
  version: text("Its version.", 200),
  caveat: Type.Optional(text("What a reader must know before using the results.", 1000)),
  scope: Type.Optional(
    Type.Object(
      {
        match: Type.Optional(Match),
        providers: Type.Optional(list(oneOf(PROVIDER_KEYS), "Provider keys.", { minItems: 1 })),
      },
      {
        additionalProperties: false,
        minProperties: 1,
        description: "The credentials it is about; default: all.",
      },
    ),
  ),
  controls: list(Control, "Its controls that the checks can speak to.", { minItems: 1 }),
});

/** Which checks speak to which control of a standard or a law. Data: the product ships some, everybody can add more. */
export const Framework = documentOf(
  "Framework",
  Spec,
  "Controls of a framework, and the checks that speak to them.",
);
export type Framework = Static<typeof Framework>;
export type FrameworkControl = Framework["spec"]["controls"][number];

/** Whether a framework is about this credential. */
export function isInScope({ spec: { scope } }: Framework, { source }: EvaluatedCredential): boolean {
  if (scope === undefined) return true;
  const provider = scope.providers?.some((key) => source.document.spec.provider?.[key] !== undefined) ?? true;
  return provider && matches(scope.match, source.document);
}
