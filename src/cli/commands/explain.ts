import type { Command } from "../command.ts";
import { json, known, lookFor, soundness } from "../looking.ts";
import { CLOCK } from "../options.ts";
import { wrap } from "../table.ts";

export const explain: Command = {
  name: "explain",
  group: "Look",
  summary: "Why a credential is in its state: policies, the sum of its due date, exceptions, facts.",
  args: [
    { name: "NAME|FINGERPRINT", summary: "A credential, or the fingerprint of a finding.", required: true },
  ],
  options: [...CLOCK],
  examples: [{ line: "cre explain orders-db", does: "How the due date came about" }],
  run: async (invocation, context) => {
    const { explainCredential } = await import("../../core/evaluate/explain.ts");
    const { findingText } = await import("../../core/evaluate/message.ts");
    const sight = await lookFor(invocation, context);
    const asked = invocation.args[0] ?? "";
    const finding = sight.evaluation.findings.find(({ fingerprint }) => fingerprint === asked);
    const { terminal } = context;
    const width = Math.min(terminal.width, 100);
    if (finding !== undefined && invocation.value("format") !== "json") {
      const { message, fix } = findingText(finding);
      terminal.result(
        `${finding.level} ${finding.code}${finding.waivedBy === null ? "" : `, waived by ${finding.waivedBy}`}\n${wrap(message, width, "  ")}\n${wrap(`Fix: ${fix}`, width, "  ")}\n`,
      );
      for (const [fact, value] of Object.entries(finding.facts)) terminal.result(`  ${fact} = ${value}\n`);
      if (finding.credential === null) return soundness(sight);
      terminal.result("\n");
    }
    const name = finding === undefined ? await known(sight, asked) : finding.credential;
    const explained = name === null ? undefined : explainCredential(sight.evaluation, name);
    if (invocation.value("format") === "json") {
      terminal.result(json({ finding: finding ?? null, credential: explained ?? null }));
      return soundness(sight);
    }
    if (explained === undefined) return soundness(sight);
    terminal.result(
      `${terminal.style("bold", explained.name)} is ${explained.state}${explained.dueAt === null ? "" : `, due ${explained.dueAt}`} as of ${sight.now}\n`,
    );
    terminal.result(
      `\nFacts\n${explained.facts.map(({ fact, value, source }) => `  ${fact} = ${value} (${source})`).join("\n")}\n`,
    );
    terminal.result(
      explained.obligations.length === 0 ? "\nNo policy matches.\n" : "\nPolicies that match\n",
    );
    for (const { policy, enforcement, startAt, dueAt, arithmetic, exception } of explained.obligations) {
      terminal.result(
        `  ${policy} (${enforcement})${exception === null ? "" : `, excepted by ${exception}`}\n${wrap(arithmetic, width, "    ")}\n`,
      );
      if (dueAt !== null) terminal.result(`    stale from ${startAt}, overdue from ${dueAt}\n`);
    }
    terminal.result(
      `\nWhat its rotations follow\n${explained.effective.map(({ field, value, policy }) => `  ${field} = ${value} (${policy ?? "default"})`).join("\n")}\n`,
    );
    for (const { level, code, waivedBy, message } of explained.findings)
      terminal.result(
        `\n${level} ${code}${waivedBy === null ? "" : `, waived by ${waivedBy}`}\n${wrap(message, width, "  ")}\n`,
      );
    return soundness(sight);
  },
};
