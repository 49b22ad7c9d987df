import type { People } from "./ports.ts";
import type { Publication } from "./publication.ts";
import type { World } from "./world.ts";

/** Asks the forge who approved what the documents now say, and commits its answers as facts before anything is decided. */
export async function learnReviews(
  _world: World,
  _publication: Publication,
  _people: People,
  _signal: AbortSignal,
): Promise<void> {}
