import { isOpen } from "../../core/rotation/transition.ts";
import type { Command } from "../command.ts";
import { json, known, lookFor, soundness } from "../looking.ts";
import { renderTable, wrap } from "../table.ts";
import type { Style } from "../terminal.ts";

export const status: Command = {
  name: "status",
  group: "Look",
  summary: "Open rotations: their step, what each waits for, since when, and what you can do.",
  args: [{ name: "NAME", summary: "Only this credential.", required: false }],
  options: [],
  examples: [{ line: "cre status", does: "What is going on" }],
  run: async (invocation, context) => {
    const { waitText } = await import("../../app/looking/wait-text.ts");
    const sight = await lookFor(invocation, context);
    const [asked] = invocation.args;
    const name = asked === undefined ? undefined : await known(sight, asked);
    const records = [...sight.state.statuses.values()]
      .filter(({ credential, rotation, behind }) =>
        name === undefined ? isOpen(rotation) || behind !== undefined : credential === name,
      )
      .sort((a, b) => (a.credential < b.credential ? -1 : 1));
    const lines = records.map((record) => waitText(record, sight.now));
    const { terminal } = context;
    if (invocation.value("format") === "json") {
      terminal.result(json(lines));
      return soundness(sight);
    }
    if (lines.length === 0) {
      terminal.result(name === undefined ? "No rotation is open.\n" : `${name} has no record yet.\n`);
      return soundness(sight);
    }
    const styles: Readonly<Record<string, Style>> = {
      parked: "red",
      intended: "yellow",
      waiting: "dim",
      ready: "cyan",
    };
    const rows = lines.map(({ credential, step, phase, since, waitsFor }) => [
      credential,
      step,
      { text: phase, ...(styles[phase] === undefined ? {} : { style: styles[phase] }) },
      since ?? "-",
      waitsFor,
    ]);
    terminal.result(
      renderTable(
        terminal,
        [
          { title: "credential", shrinksTo: 14 },
          { title: "step" },
          { title: "is" },
          { title: "since", shrinksTo: 10 },
          { title: "waits for", shrinksTo: 20 },
        ],
        rows,
      ),
    );
    for (const { credential, waitsFor, help } of lines.filter(({ help: list }) => list.length > 0)) {
      terminal.result(
        `\n${terminal.style("bold", credential)}\n${wrap(waitsFor, Math.min(terminal.width, 100), "  ")}\n${help.map((command) => `  ${command}`).join("\n")}\n`,
      );
    }
    return soundness(sight);
  },
};
