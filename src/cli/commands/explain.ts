import type { Explanation } from "../../core/evaluate/explain.ts";
import type { Finding } from "../../core/evaluate/finding.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Command } from "../command.ts";
import { json, known, lookFor, soundness, wantsJson } from "../looking.ts";
import { CLOCK } from "../options.ts";
import { levelCell } from "../state-style.ts";
import { wrap } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const FINGERPRINT = /^[0-9a-f]{16}$/;

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
    const { explainCredential, explainFingerprint } = await import("../../core/evaluate/explain.ts");
    const { findingText } = await import("../../core/evaluate/message.ts");
    const sight = await lookFor(invocation, context);
    const [asked = ""] = invocation.args;
    const { evaluation } = sight;
    const told = evaluation.credentials.has(asked) ? undefined : explainFingerprint(evaluation, asked);
    if (
      told === undefined &&
      !evaluation.credentials.has(asked) &&
      FINGERPRINT.test(asked) &&
      !sight.state.statuses.has(asked)
    ) {
      throw new CreError("finding-unknown", `No finding has the fingerprint \`${asked}\`.`, {
        fix: "`cre evaluate` shows those there are; one that is over has none any more.",
      });
    }
    const explained =
      told === undefined ? explainCredential(evaluation, await known(sight, asked)) : told.credential;
    const finding = told?.finding;
    const { terminal } = context;
    if (wantsJson(invocation)) {
      const inWords = finding === undefined ? null : { ...finding, ...findingText(finding) };
      terminal.result(json({ asOf: sight.now, finding: inWords, credential: explained ?? null }));
      return soundness(sight);
    }
    const parts = [
      ...(finding === undefined ? [] : [findingLines(finding, findingText(finding), terminal)]),
      ...(explained === undefined ? [] : [explanationText(explained, sight.now, terminal)]),
    ];
    terminal.result(
      parts.length === 0 ? `${asked}: its document is gone; see \`cre show ${asked}\`.\n` : parts.join("\n"),
    );
    return soundness(sight);
  },
};

function findingLines(
  { level, code, waivedBy, facts, file, line }: Finding,
  { message, fix }: { readonly message: string; readonly fix: string },
  terminal: Terminal,
): string {
  const { text, style = "bold" } = levelCell(level);
  const place = file === null ? "" : ` ${file}:${line}`;
  const title = `${terminal.style(style, text)} ${code}${place}${waivedBy === null ? "" : `, waived by ${waivedBy}`}`;
  return [
    title,
    wrap(message, terminal.width, "  "),
    wrap(`Fix: ${fix}`, terminal.width, "  "),
    ...Object.entries(facts).map(([fact, value]) => wrap(`${fact} = ${value}`, terminal.width, "    ")),
    "",
  ].join("\n");
}

function explanationText(explained: Explanation, now: string, terminal: Terminal): string {
  const { name, state, dueAt, facts, obligations, exceptions, effective, findings } = explained;
  const due = dueAt === null ? "" : `, due ${dueAt}`;
  const fact = (text: string): string => wrap(text, terminal.width, "  ");
  return [
    `${terminal.style("bold", name)} is ${state}${due}, as of ${now}`,
    "",
    "Facts",
    ...facts.map(({ fact: what, value, source }) => fact(`${what} = ${value} (${source})`)),
    "",
    obligations.length === 0 ? "No policy matches." : "Policies that match",
    ...obligations.flatMap((obligation) => obligationLines(obligation, terminal)),
    ...(exceptions.length === 0 ? [] : ["", "Exceptions about it"]),
    ...exceptions.map(({ name, about, counts, why, place }) =>
      fact(`${name} (${about}) ${counts ? "counts" : "does not count"}: ${why} (${place})`),
    ),
    "",
    "What its rotations follow",
    ...effective.map(({ field, value, policy }) => fact(`${field} = ${value} (${policy ?? "default"})`)),
    ...findings.flatMap(({ level, code, waivedBy, message }) => [
      "",
      `${level} ${code}${waivedBy === null ? "" : `, waived by ${waivedBy}`}`,
      fact(message),
    ]),
    "",
  ].join("\n");
}

function obligationLines(
  obligation: Explanation["obligations"][number],
  terminal: Terminal,
): readonly string[] {
  const { policy, enforcement, startAt, dueAt, arithmetic, exception } = obligation;
  const excepted = exception === null ? "" : `, excepted by ${exception}`;
  const dates = dueAt === null ? [] : [`stale from ${startAt}, overdue from ${dueAt}`];
  return [
    `  ${terminal.style("bold", policy)} (${enforcement})${excepted}`,
    ...[arithmetic, ...dates].map((text) => wrap(text, terminal.width, "    ")),
  ];
}
