import { type Static, Type } from "typebox";
import {
  closedUnion,
  date,
  documentOf,
  exactlyOne,
  list,
  MATCH_OPTIONS,
  Match,
  Name,
  text,
} from "./common.ts";

const credentials = Type.Optional(list(Name, "Credentials it is about.", { minItems: 1 }));

/** As of other documents; and what discovery saw and nobody registered, which has no name. */
const ExceptionMatch = Type.Object(
  {
    ...Match.properties,
    sightings: Type.Optional(
      list(
        text("Handle or place of what discovery saw; `*` stands for anything.", 300),
        "Of `unmanaged`, `shared-credential` and `discovery-concern`: what it is about. With `*` only what was seen by the day it starts.",
        { minItems: 1 },
      ),
    ),
  },
  MATCH_OPTIONS,
);

/** A reviewed, dated waiver of the findings of one policy or one code. */
export const Exception = documentOf(
  "Exception",
  Type.Object(
    {
      credentials,
      match: Type.Optional(ExceptionMatch),
      policy: Type.Optional(Name),
      finding: Type.Optional(
        Type.String({ pattern: "^[a-z][a-z-]{0,62}$", description: "Code of a finding." }),
      ),
      justification: Type.String({
        minLength: 20,
        maxLength: 4000,
        description: "Why the rule cannot be kept now.",
      }),
      compensatingControls: Type.Optional(text("What reduces the risk meanwhile.", 4000)),
      requestedBy: text("Who asks for it.", 200),
      approvedBy: Type.Optional(text("Who approved it; another person.", 200)),
      startsAt: date("First moment."),
      expiresAt: date("End, exclusive."),
    },
    {
      additionalProperties: false,
      allOf: [exactlyOne(["credentials", "match"]), exactlyOne(["policy", "finding"])],
    },
  ),
  "A reviewed, dated waiver of findings.",
);
export type Exception = Static<typeof Exception>;

/** Silences alerts, never an emergency. */
export const Snooze = documentOf(
  "Snooze",
  closedUnion(
    {
      credentials,
      match: Type.Optional(Match),
      until: date("End; at most 14 days ahead."),
      reason: text("Why."),
    },
    ["credentials", "match"],
  ),
  "Silences alerts for at most 14 days; never an emergency.",
);
export type Snooze = Static<typeof Snooze>;

/** The stop button. */
export const Hold = documentOf(
  "Hold",
  closedUnion(
    {
      credentials,
      match: Type.Optional(Match),
      all: Type.Optional(Type.Literal(true)),
      until: date("End."),
      reason: text("Why."),
    },
    ["credentials", "match", "all"],
  ),
  "The stop button: no new starts and no forward effects until its end.",
);
export type Hold = Static<typeof Hold>;
