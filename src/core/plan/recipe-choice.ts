import type { EffectivePolicy, RecipeName } from "../state/status.ts";
import type { Capability } from "./capability.ts";

export type RecipeChoice = { readonly recipe: RecipeName } | { readonly refused: string };

/**
 * Which recipe a rotation takes. With one slot the consumer would be locked out between the change and the delivery,
 * so that is refused unless the consumer tries pending, or the policy (or an emergency) accepts the outage.
 */
export function chooseRecipe(
  capability: Extract<Capability, { able: true }>,
  policy: EffectivePolicy,
  emergency: boolean,
): RecipeChoice {
  const { shape } = capability;
  if (shape.pushing > 1) {
    return {
      refused: `${shape.pushing} deliveries can only push; at most one may, since a second could fail after the first`,
    };
  }
  if (shape.pushing + shape.staging === 0) {
    return { refused: "nothing is delivered: the new secret would reach nobody" };
  }
  if (capability.recipe !== "in-place") return { recipe: capability.recipe };
  const downtime = policy.allowDowntime !== undefined || emergency;
  if (shape.staging > 0 && shape.pushing === 0 && (capability.triesPending || downtime)) {
    return { recipe: "in-place" };
  }
  if (shape.staging === 0 && downtime) return { recipe: "in-place-downtime" };
  if (shape.staging > 0 && shape.pushing > 0) {
    return { refused: "in place, a delivery that can only push cannot stand beside one that stages" };
  }
  return {
    refused:
      "with one role the consumer is locked out until it has the new password: give two roles, let the consumer try pending (triesPending), or set inPlace.allowDowntime in the policy",
  };
}
