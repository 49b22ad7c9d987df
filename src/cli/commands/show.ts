import type { Sight } from "../../app/looking/sight.ts";
import type { EvaluatedCredential } from "../../core/evaluate/evaluation.ts";
import type { Status } from "../../core/state/status.ts";
import type { Command } from "../command.ts";
import { json, known, lookFor, soundness, wantsJson } from "../looking.ts";
import { CLOCK } from "../options.ts";
import { servedText } from "../served-text.ts";
import { stateCell } from "../state-style.ts";
import { renderTable, wrap } from "../table.ts";
import type { Terminal } from "../terminal.ts";

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
    terminal.result(
      wantsJson(invocation)
        ? json(recordOf(name, evaluated, status, sight))
        : [
            evaluated === undefined
              ? `${terminal.style("bold", name)}: its document is gone; this is what is on record\n`
              : documentText(evaluated, terminal),
            versionsText(status, terminal),
            servedText(status?.served, terminal),
            rotationText(status, terminal),
          ].join(""),
    );
    return soundness(sight);
  },
};

function recordOf(
  name: string,
  evaluated: EvaluatedCredential | undefined,
  status: Status | undefined,
  sight: Sight,
): unknown {
  return {
    name,
    asOf: sight.now,
    document: evaluated?.source.document ?? null,
    file: evaluated?.source.file ?? null,
    line: evaluated?.source.line ?? null,
    state: evaluated?.state ?? null,
    level: evaluated?.level ?? null,
    dueAt: evaluated?.dueAt ?? null,
    policy: evaluated?.policy ?? null,
    exception: evaluated?.exception ?? null,
    last: evaluated?.last ?? null,
    status: status ?? null,
  };
}

function documentText(evaluated: EvaluatedCredential, terminal: Terminal): string {
  const { name, state, dueAt, policy, exception, last, lastSource, source } = evaluated;
  const { spec, metadata } = source.document;
  const { text, style = "bold" } = stateCell(state);
  const due = dueAt === undefined ? "" : `, due ${dueAt} by ${policy}`;
  const excepted = exception === undefined ? "" : `, excepted by ${exception}`;
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const facts: [string, string | undefined][] = [
    ["State", `${terminal.style(style, text)}${due}${excepted}`],
    ["Type", `${spec.type}, ${spec.method}`],
    ["Service", spec.service],
    ["Owner", `${spec.owner.team} (${spec.owner.contact})`],
    ["Labels", labels.length === 0 ? "none" : labels.join(", ")],
    ["Provider", Object.keys(spec.provider ?? {})[0]],
    ["Rotated by", spec.delegate?.to],
    ["Delivered to", deliveriesOf(evaluated)],
    ["Last rotated", `${last} (${lastSource})`],
    ["Ends", spec.expiresAt],
    ["Retired", spec.retiredAt],
    ["Console", spec.manual?.console],
    ["Depends on", spec.dependsOn?.join(", ")],
    ["Document", `${source.file}:${source.line}`],
  ];
  const indent = " ".repeat(14);
  const lines = facts.map(([title, fact]) => {
    if (fact === undefined) return "";
    // The state is short, and styled: its escapes are no width.
    const shown = title === "State" ? fact : wrap(fact, terminal.width, indent).trimStart();
    return `${`${title}:`.padEnd(indent.length)}${shown}\n`;
  });
  return `${terminal.style("bold", name)}\n${lines.join("")}\nWho has access\n${accessText(evaluated, terminal)}`;
}

function deliveriesOf({ source }: EvaluatedCredential): string | undefined {
  return source.document.spec.deliver
    ?.map((entry) => {
      const kind = Object.keys(entry).find((key) => key !== "consumer" && key !== "longestIdle") ?? "";
      return entry.consumer === undefined ? kind : `${kind} (${entry.consumer})`;
    })
    .join(", ");
}

function accessText({ source }: EvaluatedCredential, terminal: Terminal): string {
  const { access } = source.document.spec;
  if (access === undefined) return "  nobody wrote it down\n";
  if (access.length === 0) return "  nobody\n";
  const columns = [
    { title: "principal", shrinksTo: 14 },
    { title: "kind" },
    { title: "until" },
    { title: "purpose", shrinksTo: 20, wraps: true },
  ];
  return renderTable(
    terminal,
    columns,
    access.map(({ principal, kind, until, purpose }) => [principal, kind, until ?? "-", purpose ?? "-"]),
  );
}

function versionsText(status: Status | undefined, terminal: Terminal): string {
  if (status === undefined || status.versions.length === 0) return "";
  const columns = [
    { title: "handle", shrinksTo: 14 },
    { title: "created" },
    { title: "alive" },
    { title: "use" },
    { title: "origin" },
  ];
  const rows = status.versions.map(({ handle, createdAt, live, promoted, origin, deactivatedAt }) => [
    handle,
    createdAt,
    live ? "live" : deactivatedAt === undefined ? "dead" : "deactivated",
    promoted ? "promoted" : "-",
    origin,
  ]);
  return `\nVersions\n${renderTable(terminal, columns, rows)}`;
}

function rotationText(status: Status | undefined, terminal: Terminal): string {
  const rotation = status?.rotation;
  if (rotation === undefined) return "";
  const { id, reason, because, outcome, step, since, parked } = rotation;
  const end = parked === undefined ? "" : `: ${parked.message}`;
  const text = `Rotation ${id}, ${reason} (${because}), ${outcome} at ${step} since ${since}${end}`;
  return `\n${wrap(text, terminal.width)}\n`;
}
