import { request } from "node:https";

/** Whether an ACME directory answers, over TLS that this bundle vouches for. */
export async function directoryAnswers(directory: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Pebble answers nobody who does not say what they are.
    const asked = request(directory, { ca, agent: false, headers: { "User-Agent": "tests" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
