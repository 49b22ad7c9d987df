import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { DeliveryShape } from "../rotation/recipe.ts";
import type { RecipeName } from "../state/status.ts";

/** What this runner can do with a credential, known from documents alone. */
export type Capability =
  | {
      readonly able: true;
      /** How its rotations go. */
      readonly recipe: Extract<RecipeName, "overlap" | "ordered" | "signed" | "alternate" | "in-place">;
      readonly identity: string;
      readonly shape: DeliveryShape;
      /** Every target that stages has a consumer that tries pending when current is refused. */
      readonly triesPending: boolean;
    }
  /** `elsewhere`: another runner can (zone); `unsupported`: nobody can yet. */
  | { readonly able: false; readonly why: "elsewhere" | "unsupported"; readonly reason: string };

export type Capabilities = (credential: Sourced<Credential>) => Capability;
