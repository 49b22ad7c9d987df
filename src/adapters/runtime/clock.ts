import { instantOf } from "../../core/model/instant.ts";
import type { Clock } from "../../core/ports/runtime.ts";

/** The clock of this machine. */
export const systemClock: Clock = { now: () => instantOf(Date.now() / 1000) };
