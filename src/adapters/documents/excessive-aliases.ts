import { EVENT_ID, type Event } from "js-yaml";
import { LIMITS } from "./limits.ts";
import type { TextProblem } from "./yaml-problems.ts";

/**
 * What is wrong with the aliases of one document before anything walks it: a node inside itself, or a few lines that
 * stand for millions («billion laughs»). Linear in the text, since each anchor is weighed once.
 */
export function excessiveAliases(
  text: string,
  events: readonly Event[],
  base: number,
): TextProblem | undefined {
  const weights = new Map<string, number | "open">();
  const open: { readonly anchor: string | undefined; weight: number }[] = [];
  let lastAlias = 0;

  for (const event of events) {
    let weight = 1;
    const anchor =
      event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT ? undefined : anchorOf(text, event);
    if (event.type === EVENT_ID.DOCUMENT) {
      open.push({ anchor, weight: 0 });
      continue;
    }
    if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      if (anchor !== undefined) weights.set(anchor, "open");
      open.push({ anchor, weight });
      continue;
    }
    if (event.type === EVENT_ID.ALIAS) {
      lastAlias = base + event.anchorStart - 1;
      const aliased = weights.get(anchor ?? "") ?? 1;
      if (aliased === "open") return problem(lastAlias, "an alias stands for what it stands in");
      weight = aliased;
    } else if (event.type === EVENT_ID.POP) {
      const closed = open.pop();
      weight = closed?.weight ?? 0;
      if (closed?.anchor !== undefined) weights.set(closed.anchor, weight);
    } else if (anchor !== undefined) {
      weights.set(anchor, weight);
    }
    const inner = open.at(-1);
    if (inner !== undefined) inner.weight += weight;
    if ((inner?.weight ?? 0) > LIMITS.expandedNodes) {
      return problem(
        lastAlias,
        `with all aliases written out the document has more than ${LIMITS.expandedNodes} values`,
      );
    }
  }
  return undefined;
}

function anchorOf(
  text: string,
  event: { readonly anchorStart: number; readonly anchorEnd: number },
): string | undefined {
  return event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd);
}

function problem(offset: number, message: string): TextProblem {
  return { offset, code: "yaml-too-many-aliases", message, fix: "write the values out" };
}
