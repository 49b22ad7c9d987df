import type { Command } from "../command.ts";
import { json, known, lookFor, soundness } from "../looking.ts";
import { CLOCK } from "../options.ts";
import { stateCell } from "../state-style.ts";
import { renderTable } from "../table.ts";

export const show: Command = {
  name: "show",
  group: "Look",
  summary: "One credential: what it is, who has access, its versions and its rotation.",
  args: [{ name: "NAME", summary: "The credential.", required: true }],
  options: [...CLOCK],
  examples: [{ line: "cre show orders-db", does: "Everything that is known about one credential" }],
  run: async (invocation, context) => {
    const sight = await lookFor(invocation, context);
    const name = await known(sight, invocation.args[0] ?? "");
    const evaluated = sight.evaluation.credentials.get(name);
    const status = sight.state.statuses.get(name);
    const { terminal } = context;
    if (invocation.value("format") === "json") {
      terminal.result(
        json({
          name,
          document: evaluated?.source.document ?? null,
          state: evaluated?.state ?? null,
          dueAt: evaluated?.dueAt ?? null,
          policy: evaluated?.policy ?? null,
          status: status ?? null,
        }),
      );
      return soundness(sight);
    }
    const line = (title: string, text: string): void => terminal.result(`${`${title}:`.padEnd(14)}${text}\n`);
    if (evaluated === undefined) {
      line("Name", `${name} (its document is gone)`);
    } else {
      const { spec, metadata } = evaluated.source.document;
      const state = stateCell(evaluated.state);
      line("Name", terminal.style("bold", name));
      line(
        "State",
        `${state.style === undefined ? state.text : terminal.style(state.style, state.text)}${evaluated.dueAt === undefined ? "" : `, due ${evaluated.dueAt} by ${evaluated.policy}`}`,
      );
      line("Type", `${spec.type}, ${spec.method}`);
      line("Service", spec.service);
      line("Owner", `${spec.owner.team} (${spec.owner.contact})`);
      line(
        "Labels",
        Object.entries(metadata.labels ?? {})
          .map(([key, value]) => `${key}=${value}`)
          .join(", ") || "none",
      );
      line("Last rotated", `${evaluated.last} (${evaluated.lastSource})`);
      line("Document", `${evaluated.source.file}:${evaluated.source.line}`);
      if (spec.manual?.console !== undefined) line("Console", spec.manual.console);
      terminal.result("\nWho has access\n");
      if (spec.access === undefined) terminal.result("  nobody wrote it down\n");
      else if (spec.access.length === 0) terminal.result("  nobody\n");
      else
        terminal.result(
          renderTable(
            terminal,
            [
              { title: "principal" },
              { title: "kind" },
              { title: "until" },
              { title: "purpose", shrinksTo: 10 },
            ],
            spec.access.map(({ principal, kind, until, purpose }) => [
              principal,
              kind,
              until ?? "-",
              purpose ?? "-",
            ]),
          ),
        );
    }
    if (status !== undefined && status.versions.length > 0) {
      terminal.result("\nVersions\n");
      const rows = status.versions.map(({ handle, createdAt, live, promoted, origin, deactivatedAt }) => [
        handle,
        createdAt,
        live ? "live" : deactivatedAt === undefined ? "dead" : "deactivated",
        promoted ? "in use" : "-",
        origin,
      ]);
      terminal.result(
        renderTable(
          terminal,
          [
            { title: "handle", shrinksTo: 20 },
            { title: "created" },
            { title: "alive" },
            { title: "promoted" },
            { title: "origin" },
          ],
          rows,
        ),
      );
    }
    const rotation = status?.rotation;
    if (rotation !== undefined)
      terminal.result(
        `\nLast rotation: ${rotation.id}, ${rotation.reason} (${rotation.because}), ${rotation.outcome} at ${rotation.step} since ${rotation.since}\n`,
      );
    return soundness(sight);
  },
};
