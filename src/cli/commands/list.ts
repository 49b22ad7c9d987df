import type { Command } from "../command.ts";
import { chosen, json, lookFor, soundness, wantsJson } from "../looking.ts";
import { CLOCK, SELECTORS } from "../options.ts";
import { stateCell } from "../state-style.ts";
import { renderTable } from "../table.ts";

const COLUMNS = [
  { title: "name", shrinksTo: 18 },
  { title: "state" },
  { title: "due" },
  { title: "type", shrinksTo: 6 },
  { title: "service", shrinksTo: 8 },
  { title: "owner", shrinksTo: 7 },
  { title: "method", shrinksTo: 7 },
] as const;

export const list: Command = {
  name: "list",
  group: "Look",
  summary: "What is registered, with state and due date.",
  args: [],
  options: [...SELECTORS, ...CLOCK],
  examples: [{ line: "cre list --team payments --state expired", does: "What one team has overdue" }],
  run: async (invocation, context) => {
    const sight = await lookFor(invocation, context);
    const selection = await chosen(sight, invocation);
    const credentials = [...sight.evaluation.credentials.values()].filter(
      ({ name }) => selection?.has(name) ?? true,
    );
    const { terminal } = context;
    if (wantsJson(invocation)) {
      const rows = credentials.map(
        ({ name, state, level, dueAt, policy, source: { document, file, line } }) => {
          const { type, service, owner, method } = document.spec;
          const labels = document.metadata.labels ?? {};
          const due = { dueAt: dueAt ?? null, policy: policy ?? null };
          return { name, type, service, owner, method, labels, state, level, ...due, file, line };
        },
      );
      terminal.result(json({ asOf: sight.now, credentials: rows }));
      return soundness(sight);
    }
    const rows = credentials.map(({ name, state, dueAt, source: { document } }) => {
      const { type, service, owner, method } = document.spec;
      return [name, stateCell(state), dueAt?.slice(0, 10) ?? "-", type, service, owner.team, method];
    });
    terminal.result(rows.length === 0 ? "No credential fits.\n" : renderTable(terminal, COLUMNS, rows));
    return soundness(sight);
  },
};
