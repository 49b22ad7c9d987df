import { EffectError } from "../../../core/model/errors.ts";
import { listOf, textOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";
import { remembered } from "./remembered.ts";

/** First match wins; six hex digits, as GitHub wants them. */
const COLOURS: readonly (readonly [pattern: RegExp, colour: string])[] = [
  [/emergency/, "b60205"],
  [/critical/, "d93f0b"],
  [/warning/, "fbca04"],
];
const OTHER = "1d76db";

/**
 * Makes the labels that are not there, once per process. GitHub would make them itself, all grey. People may give them
 * other colours: what is there is left alone.
 */
export function keptLabels(
  api: GithubApi,
): (labels: readonly string[], signal: AbortSignal) => Promise<void> {
  const known = remembered(async (signal) => {
    const asked: Asked = {
      method: "GET",
      path: "/labels",
      action: "list the labels",
      permission: "Issues: read",
    };
    const found = await api.list(asked, signal, (data) =>
      listOf(data).map((label) => textOf(label, "name").toLowerCase()),
    );
    return new Set(found);
  });
  return async (labels, signal) => {
    const there = await known(signal);
    for (const name of labels) {
      if (there.has(name.toLowerCase())) continue;
      await makeLabel(api, name, signal);
      there.add(name.toLowerCase());
    }
  };
}

async function makeLabel(api: GithubApi, name: string, signal: AbortSignal): Promise<void> {
  const color = COLOURS.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER;
  const asked: Asked = {
    method: "POST",
    path: "/labels",
    action: `make the label ${name}`,
    permission: "Issues: write",
    fields: { name, color },
  };
  try {
    await api.ask(asked, signal, () => undefined);
  } catch (error) {
    // Somebody else was quicker.
    const isThere = error instanceof EffectError && /already_exists/.test(error.evidence ?? "");
    if (!isThere) throw error;
  }
}
