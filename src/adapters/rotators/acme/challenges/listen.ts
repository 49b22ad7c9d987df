import type { Pause } from "../../../../core/ports/runtime.ts";
import type { Listeners } from "./listeners.ts";
import type { ChallengeWay } from "./way.ts";

/** The runner itself answers the CA, while it is asked. */
export function listenWay(address: string, listeners: Listeners, pause: Pause): ChallengeWay {
  return {
    type: "http-01",
    preflight: async (signal) => listeners.try(address, signal),
    put: async (tasks, signal) => {
      const answers = new Map(tasks.map(({ token, keyAuthorization }) => [token, keyAuthorization]));
      await listeners.put(address, answers, pause, signal);
      return "visible";
    },
    drop: async (tasks) =>
      listeners.drop(
        address,
        tasks.map(({ token }) => token),
      ),
  };
}
