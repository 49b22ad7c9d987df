import type { Command } from "../command.ts";
import { chosen, json, lookFor, soundness } from "../looking.ts";
import { CLOCK, SELECTORS, ZONE } from "../options.ts";
import { renderTable } from "../table.ts";
import type { Style } from "../terminal.ts";

const STYLES: Readonly<Record<string, Style>> = {
  start: "green",
  adopt: "green",
  advance: "cyan",
  recover: "yellow",
  wait: "dim",
  skip: "dim",
  refuse: "red",
};

export const plan: Command = {
  name: "plan",
  group: "Look",
  summary: "What a run would do now, and why not the rest.",
  detail: ["Reads only; nothing is asked of providers. A credential with nothing to do has no line."],
  args: [],
  options: [...SELECTORS, ...CLOCK, ZONE],
  examples: [{ line: "cre plan --now 2026-12-24", does: "What would happen on a given day" }],
  run: async (invocation, context) => {
    const { planFrom } = await import("../../app/looking/plan-from.ts");
    const sight = await lookFor(invocation, context);
    const selection = await chosen(sight, invocation);
    const items = planFrom(sight, invocation.value("zone")).filter(
      ({ credential }) => selection?.has(credential) ?? true,
    );
    const { terminal } = context;
    if (invocation.value("format") === "json") {
      terminal.result(json({ asOf: sight.now, items }));
      return soundness(sight);
    }
    const rows = items.map(({ credential, action, reason, step, notBefore }) => [
      credential,
      { text: action, ...(STYLES[action] === undefined ? {} : { style: STYLES[action] }) },
      step ?? "-",
      notBefore ?? "-",
      reason,
    ]);
    const columns = [
      { title: "credential", shrinksTo: 14 },
      { title: "action" },
      { title: "step" },
      { title: "not before", shrinksTo: 10 },
      { title: "reason", shrinksTo: 20 },
    ];
    terminal.result(rows.length === 0 ? "A run would do nothing.\n" : renderTable(terminal, columns, rows));
    return soundness(sight);
  },
};
