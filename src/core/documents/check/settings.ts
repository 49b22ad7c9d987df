import { isFrameworkFile, SHIPPED_FRAMEWORKS } from "../../compliance/shipped-names.ts";
import { durationSeconds } from "../../model/instant.ts";
import type { Sourced } from "../kinds.ts";
import type { Settings } from "../settings.ts";
import { applyRules } from "./apply-rules.ts";
import { discoveryFaults } from "./discovery.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { isPlainPath } from "./local-targets.ts";
import { shown } from "./shown.ts";
import { isTimezone } from "./timezone.ts";
import { unknownName as unknown } from "./unknown-name.ts";

/** The longest one effect may take; a lease must outlast it. */
const EFFECT_LIMIT = 60;

/** The settings refer to channels, teams and connections that exist, and name times that do. */
export function checkSettings(input: CheckInput): readonly Fault[] {
  const { settings } = input.documents;
  if (settings === undefined) return [];
  const rules = [
    channelFaults,
    routeFaults,
    discoveryFaults,
    timeFaults,
    pathFaults,
    branchFaults,
    frameworkFaults,
  ];
  return applyRules([settings], input, rules);
}

function frameworkFaults(source: Sourced<Settings>): Fault[] {
  return (source.document.spec.reports?.frameworks ?? []).flatMap((entry, at) =>
    isFrameworkFile(entry)
      ? []
      : unknown(source, ["spec", "reports", "frameworks", at], "framework", entry, SHIPPED_FRAMEWORKS),
  );
}

function routeFaults(source: Sourced<Settings>): Fault[] {
  const { routes = [], channels = {}, teams = {} } = source.document.spec;
  const names = [...Object.keys(channels), "owner"];
  const channel = (base: FieldPath) => (name: string, at: number) =>
    unknown(source, [...base, at], "channel", name, names);
  return routes.flatMap((route, index) => {
    const base = ["spec", "routes", index];
    const team = (name: string, at: number): Fault[] =>
      unknown(source, [...base, "match", "teams", at], "team", name, Object.keys(teams));
    const zone = route.digest?.timezone;
    return [
      route.to.flatMap(channel([...base, "to"])),
      (route.escalateTo ?? []).flatMap(channel([...base, "escalateTo"])),
      (route.match?.teams ?? []).flatMap(team),
      (route.escalateTo === undefined) === (route.escalateAfter === undefined)
        ? []
        : [halfEscalation(source, base)],
      zone === undefined || isTimezone(zone) ? [] : [badTimezone(source, [...base, "digest", "timezone"])],
    ].flat();
  });
}

function channelFaults(source: Sourced<Settings>): Fault[] {
  if (!Object.hasOwn(source.document.spec.channels ?? {}, "owner")) return [];
  return [
    {
      source,
      path: ["spec", "channels", "owner"],
      at: "key",
      code: "channel-name-taken",
      message: "`owner` in `routes` means the owning team, so no channel can have that name",
      fix: "give the channel another name",
    },
  ];
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
    if (isPlainPath(path.replace(/(?<=.)\/$/, ""))) return [];
    return [
      {
        source,
        path: ["spec", "paths", at],
        code: "path-not-plain",
        message:
          path === "/"
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
