import { durationSeconds } from "../../model/instant.ts";
import { nearest } from "../../text/nearest.ts";
import type { ConnectionKind } from "../connection.ts";
import type { Sourced } from "../kinds.ts";
import type { Settings } from "../settings.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";
import { isTimezone } from "./timezone.ts";

const DISCOVERY_KINDS = { "aws-iam": "aws", postgresql: "postgresql", "authorized-keys": "ssh" } as const;
/** The longest one effect may take; a lease must outlast it. */
const EFFECT_LIMIT = 60;

/** The settings refer to channels, teams and connections that exist, and name times that do. */
export function checkSettings(input: CheckInput): readonly Fault[] {
  const source = input.documents.settings;
  if (source === undefined) return [];
  return [
    ...routeFaults(source),
    ...discoveryFaults(source, input),
    ...timeFaults(source),
    ...pathFaults(source),
    ...branchFaults(source),
  ];
}

function routeFaults(source: Sourced<Settings>): Fault[] {
  const { routes = [], channels = {}, teams = {} } = source.document.spec;
  const names = [...Object.keys(channels), "owner"];
  const taken = Object.hasOwn(channels, "owner") ? [ownerTaken(source)] : [];
  return [
    ...taken,
    ...routes.flatMap((route, index) => {
      const base = ["spec", "routes", index];
      const targets = [
        ...route.to.map((name, at): [FieldPath, string] => [[...base, "to", at], name]),
        ...(route.escalateTo ?? []).map((name, at): [FieldPath, string] => [
          [...base, "escalateTo", at],
          name,
        ]),
      ];
      const lost = (route.escalateTo === undefined) !== (route.escalateAfter === undefined);
      const zone = route.digest?.timezone;
      return [
        ...targets.flatMap(([path, name]) => unknown(source, path, "channel", name, names)),
        ...(route.match?.teams ?? []).flatMap((name, at) =>
          unknown(source, [...base, "match", "teams", at], "team", name, Object.keys(teams)),
        ),
        ...(lost ? [halfEscalation(source, base)] : []),
        ...(zone === undefined || isTimezone(zone)
          ? []
          : [badTimezone(source, [...base, "digest", "timezone"])]),
      ];
    }),
  ];
}

function ownerTaken(source: Sourced<Settings>): Fault {
  return {
    source,
    path: ["spec", "channels", "owner"],
    at: "key",
    code: "channel-name-taken",
    message: "`owner` in `routes` means the owning team, so no channel can have that name",
    fix: "give the channel another name",
  };
}

function halfEscalation(source: Sourced<Settings>, path: FieldPath): Fault {
  return {
    source,
    path,
    code: "escalation-incomplete",
    message: "`escalateAfter` and `escalateTo` belong together, and one is missing",
    fix: "add the other, or remove both",
  };
}

function badTimezone(source: Sourced<Settings>, path: FieldPath): Fault {
  const message = "`timezone` is no time zone";
  return { source, path, code: "timezone-unknown", message, fix: "use a name such as Europe/Berlin" };
}

function discoveryFaults(source: Sourced<Settings>, { documents, isInvalid }: CheckInput): Fault[] {
  const seen = new Set<string>();
  return (source.document.spec.discovery ?? []).flatMap((entry, index) => {
    const base = ["spec", "discovery", index];
    const faults: Fault[] = [];
    if (seen.has(entry.name)) {
      const message = `two sources have the name ${shown(entry.name)}`;
      faults.push({
        source,
        path: [...base, "name"],
        code: "discovery-name-twice",
        message,
        fix: "give one another name",
      });
    }
    seen.add(entry.name);
    for (const [key, kind] of Object.entries(DISCOVERY_KINDS) as [
      keyof typeof DISCOVERY_KINDS,
      ConnectionKind,
    ][]) {
      const name = entry[key]?.connection;
      if (name === undefined || isInvalid("Connection", name)) continue;
      const path = [...base, key, "connection"];
      const target = documents.connections.get(name);
      if (target === undefined)
        faults.push(...unknown(source, path, "connection", name, [...documents.connections.keys()]));
      else if (target.document.spec[kind] === undefined) {
        const message = `the connection ${shown(name)} is not of kind ${kind}`;
        faults.push({
          source,
          path,
          code: "connection-wrong-kind",
          message,
          fix: `name a connection of kind ${kind}`,
        });
      }
    }
    return faults;
  });
}

function timeFaults(source: Sourced<Settings>): Fault[] {
  const { schedule, limits } = source.document.spec;
  const faults: Fault[] = [];
  if (schedule !== undefined && durationSeconds(schedule.every) < 60) {
    const message = `\`every\` is ${schedule.every}, less than a minute`;
    faults.push({
      source,
      path: ["spec", "schedule", "every"],
      code: "schedule-too-short",
      message,
      fix: "use at least 1m",
    });
  }
  if (limits?.lease !== undefined && durationSeconds(limits.lease) <= EFFECT_LIMIT) {
    const message = `\`lease\` is ${limits.lease}, not longer than one effect may take (${EFFECT_LIMIT} s): nothing could ever start`;
    faults.push({
      source,
      path: ["spec", "limits", "lease"],
      code: "lease-too-short",
      message,
      fix: "use at least 2m",
    });
  }
  return faults;
}

function pathFaults(source: Sourced<Settings>): Fault[] {
  return (source.document.spec.paths ?? []).flatMap((path, at): Fault[] => {
    const steps = path.replace(/\/$/, "").split("/").slice(1);
    const isPlain =
      steps.every((step) => step !== "" && step !== "." && step !== "..") && !/\p{Cc}/u.test(path);
    if (isPlain && steps.length > 0) return [];
    return [
      {
        source,
        path: ["spec", "paths", at],
        code: "path-not-plain",
        message:
          steps.length === 0 || path === "/"
            ? "the whole file system is no folder for env files"
            : "the folder is not written plainly",
        fix: "write an absolute folder without `.`, `..` and empty steps, such as /etc/orders",
      },
    ];
  });
}

/** Rules of git for branch names (git-check-ref-format) that a pattern cannot say. */
function branchFaults(source: Sourced<Settings>): Fault[] {
  const branch = source.document.spec.state?.branch;
  if (branch === undefined) return [];
  const parts = branch.split("/");
  const bad =
    branch.includes("..") ||
    parts.some((part) => part === "" || part.startsWith(".") || part.endsWith(".") || part.endsWith(".lock"));
  if (!bad) return [];
  const message = `${shown(branch)} is no name that git allows for a branch`;
  return [
    {
      source,
      path: ["spec", "state", "branch"],
      code: "branch-invalid",
      message,
      fix: "use a name such as cre/state",
    },
  ];
}

function unknown(
  source: Sourced,
  path: FieldPath,
  noun: string,
  name: string,
  known: readonly string[],
): Fault[] {
  if (known.includes(name)) return [];
  const near = nearest(name, known);
  return [
    {
      source,
      path,
      code: `${noun}-unknown`,
      message: `there is no ${noun} ${shown(name)}`,
      fix: near === undefined ? `use one of ${known.join(", ")}` : `did you mean \`${near}\`?`,
    },
  ];
}
