import type { Command } from "../command.ts";
import { chosen, json, lookFor, soundness } from "../looking.ts";
import { CLOCK, SELECTORS } from "../options.ts";
import { stateCell } from "../state-style.ts";
import { renderTable } from "../table.ts";

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
    if (invocation.value("format") === "json") {
      terminal.result(
        json(
          credentials.map(({ name, state, dueAt, policy, source: { document, file, line } }) => {
            const { type, service, owner, method } = document.spec;
            return {
              name,
              type,
              service,
              owner,
              method,
              labels: document.metadata.labels ?? {},
              state,
              dueAt: dueAt ?? null,
              policy: policy ?? null,
              file,
              line,
            };
          }),
        ),
      );
      return soundness(sight);
    }
    const columns = [
      { title: "name", shrinksTo: 16 },
      { title: "state" },
      { title: "due" },
      { title: "type", shrinksTo: 8 },
      { title: "service", shrinksTo: 8 },
      { title: "owner", shrinksTo: 8 },
      { title: "method" },
    ];
    const rows = credentials.map(({ name, state, dueAt, source: { document } }) => {
      const { type, service, owner, method } = document.spec;
      return [name, stateCell(state), dueAt?.slice(0, 10) ?? "-", type, service, owner.team, method];
    });
    terminal.result(
      rows.length === 0 ? "Nothing is registered that fits.\n" : renderTable(terminal, columns, rows),
    );
    return soundness(sight);
  },
};
