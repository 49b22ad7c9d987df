import type { RecipeName, Step } from "../state/status.ts";

/** What the engine must know of a credential's deliveries to order the steps; decided without network. */
export interface DeliveryShape {
  /** How many targets stage, promote and abort. */
  readonly staging: number;
  /** How many only push: at most one. */
  readonly pushing: number;
}

const FORWARD: Readonly<Record<RecipeName, readonly Step[]>> = {
  overlap: ["preflight", "issue", "verify", "stage", "push", "promote", "confirm", "deactivate", "revoke"],
  ordered: [
    "preflight",
    "request",
    "issue",
    "verify",
    "stage",
    "push",
    "promote",
    "confirm",
    "deactivate",
    "revoke",
  ],
  signed: ["preflight", "issue", "stage", "collect", "promote", "confirm", "deactivate", "revoke"],
  alternate: ["preflight", "issue", "verify", "stage", "push", "promote", "confirm", "deactivate", "revoke"],
  "in-place": ["preflight", "stage", "apply", "verify", "promote", "confirm"],
  "in-place-downtime": ["preflight", "apply", "verify", "push", "confirm"],
  value: ["preflight", "stage", "push", "promote", "confirm"],
  retire: ["deactivate", "revoke"],
  adopt: ["adopt", "deactivate", "revoke"],
};

/** The steps of a recipe that this credential's deliveries leave, in order. */
export function stepsOf(recipe: RecipeName, shape: DeliveryShape): readonly Step[] {
  return FORWARD[recipe].filter((step) => {
    if (step === "stage" || step === "promote") return shape.staging > 0;
    if (step === "push") return shape.pushing > 0;
    return true;
  });
}

/** The step after `step`; undefined after the last, and after one that lies beside the recipe. */
export function stepAfter(recipe: RecipeName, step: Step, shape: DeliveryShape): Step | undefined {
  const full = FORWARD[recipe];
  const index = full.indexOf(step);
  if (index < 0) return undefined;
  const steps = new Set(stepsOf(recipe, shape));
  return full.slice(index + 1).find((later) => steps.has(later));
}

/** One slot: the new version takes the place of the old one. */
export function isInPlace(recipe: RecipeName): boolean {
  return recipe === "in-place" || recipe === "in-place-downtime";
}

/** Steps whose secret is in memory only: a process that finds one of them open without the secret starts over. */
export function needsSecret(recipe: RecipeName, step: Step): boolean {
  return (
    step === "verify" || step === "stage" || step === "push" || (step === "apply" && recipe === "in-place")
  );
}

/** True when the intent of this step is the one after which the way is only forward. */
export function isPointOfNoReturn(recipe: RecipeName, step: Step): boolean {
  if (isInPlace(recipe)) return step === "apply";
  return step === "push" || step === "promote";
}
