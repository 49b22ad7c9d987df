import { CreError } from "../../core/model/errors.ts";
import type { Command } from "../command.ts";
import { json, known, lookFor } from "../looking.ts";
import { CLOCK } from "../options.ts";
import { renderTable } from "../table.ts";

export const audit: Command = {
  name: "audit",
  group: "Prove",
  summary: "The trail: what happened, when, by whom; of one credential or of all.",
  args: [{ name: "NAME", summary: "Only this credential.", required: false }],
  options: [...CLOCK],
  examples: [{ line: "cre audit orders-db", does: "The life of one credential" }],
  run: async (invocation, context) => {
    const { factsOfEntry } = await import("../../app/looking/trail-entries.ts");
    const { entriesOf, trailOf } = await import("../../core/audit/trail.ts");
    const sight = await lookFor(invocation, context);
    const [asked] = invocation.args;
    const name = asked === undefined ? undefined : await known(sight, asked);
    const all = entriesOf(await sight.audit());
    const entries = name === undefined ? all : trailOf(name, all);
    const { terminal } = context;
    if (invocation.value("format") === "json") {
      terminal.result(json(entries));
      return 0;
    }
    const rows = entries.map((entry) => [
      String(entry.seq),
      entry.time,
      entry.credential ?? "-",
      entry.event,
      entry.step ?? "-",
      entry.outcome ?? "-",
      entry.actor,
      factsOfEntry(entry),
    ]);
    const columns = [
      { title: "seq", alignRight: true },
      { title: "time" },
      { title: "credential", shrinksTo: 10 },
      { title: "event" },
      { title: "step" },
      { title: "outcome" },
      { title: "actor", shrinksTo: 6 },
      { title: "facts", shrinksTo: 10 },
    ];
    terminal.result(
      rows.length === 0 ? "The trail says nothing about that yet.\n" : renderTable(terminal, columns, rows),
    );
    return 0;
  },
};

export const auditVerify: Command = {
  name: "audit verify",
  group: "Prove",
  summary: "Check the chain: any edit, deletion, reordering, truncation or fork is found and located.",
  detail: [
    "Without --anchor a truncated tail cannot be told from a young trail: keep `cre audit anchor` somewhere else from time to time.",
  ],
  args: [],
  options: [
    { name: "anchor", value: "HASH", summary: "A head that was kept elsewhere; it must be in the chain." },
    ...CLOCK,
  ],
  examples: [
    { line: "cre audit verify --anchor 3f1c…", does: "Prove that nothing was changed since the anchor" },
  ],
  run: async (invocation, context) => {
    const { verifySight } = await import("../../app/looking/trail-entries.ts");
    const sight = await lookFor(invocation, context);
    const anchor = invocation.value("anchor");
    if (anchor !== undefined && !/^[0-9a-f]{64}$/.test(anchor))
      throw new CreError("anchor-malformed", "An anchor is 64 hex digits.", {
        fix: "`cre audit anchor` prints one.",
      });
    const verdict = await verifySight(sight, anchor);
    const { terminal } = context;
    if (invocation.value("format") === "json") terminal.result(json(verdict));
    else {
      for (const { path, line, message } of verdict.faults)
        terminal.result(
          `${terminal.style("red", "broken")} ${path}${line === 0 ? "" : `:${line}`}: ${message}\n`,
        );
      if (verdict.ok)
        terminal.result(
          `${terminal.style("green", "The chain is whole")}: ${verdict.entries} entries${verdict.head === undefined ? "" : `, head ${verdict.head.hash}`}${anchor === undefined ? "" : ", and holds the anchor"}.\n`,
        );
      else
        terminal.result(
          `${verdict.faults.length} fault${verdict.faults.length === 1 ? "" : "s"}. Fix: compare with another clone; whoever can push to the state branch could have done it.\n`,
        );
    }
    return verdict.ok ? 0 : 3;
  },
};

export const auditAnchor: Command = {
  name: "audit anchor",
  group: "Prove",
  summary: "Print the head of the chain, to be kept in another place.",
  args: [],
  options: [...CLOCK],
  examples: [{ line: "cre audit anchor", does: "The head, for an outside place" }],
  run: async (invocation, context) => {
    const sight = await lookFor(invocation, context);
    const head = sight.state.auditHead;
    if (head === undefined)
      throw new CreError("audit-empty", "There is no trail yet.", { fix: "The first run begins it." });
    context.terminal.result(`${head.hash}\n`);
    return 0;
  },
};
