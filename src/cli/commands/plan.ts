import type { Command } from "../command.ts";
import { chosen, json, lookFor, shortTime, soundness, wantsJson } from "../looking.ts";
import { CLOCK, SELECTORS, ZONE } from "../options.ts";
import { actionCell } from "../state-style.ts";
import { renderTable } from "../table.ts";

const COLUMNS = [
  { title: "credential", shrinksTo: 18 },
  { title: "action" },
  { title: "step" },
  { title: "not before" },
  { title: "reason", shrinksTo: 20, wraps: true },
] as const;

export const plan: Command = {
  name: "plan",
  group: "Look",
  summary: "What a run would do now, and why not the rest.",
  detail: [
    "Reads only; nothing is asked of providers. A credential with nothing to do has no line. With invalid documents nothing would start, and the exit code is 2.",
  ],
  args: [],
  options: [...SELECTORS, ...CLOCK, ZONE],
  examples: [{ line: "cre plan --now 2026-12-24", does: "What would happen on a given day" }],
  run: async (invocation, context) => {
    const { planFrom } = await import("../../app/looking/plan-from.ts");
    const sight = await lookFor(invocation, context);
    const selection = await chosen(sight, invocation);
    // Limits count all credentials, so the selection comes after the plan.
    const items = planFrom(sight, invocation.value("zone")).filter(
      ({ credential }) => selection?.has(credential) ?? true,
    );
    const { terminal } = context;
    if (wantsJson(invocation)) {
      const { planReport } = await import("../../core/plan/plan-report.ts");
      terminal.result(json(planReport(sight.now, items)));
      return soundness(sight);
    }
    const rows = items.map(({ credential, action, reason, step, notBefore }) => [
      credential,
      actionCell(action),
      step ?? "-",
      shortTime(notBefore),
      reason,
    ]);
    terminal.result(rows.length === 0 ? "A run would do nothing.\n" : renderTable(terminal, COLUMNS, rows));
    return soundness(sight);
  },
};
