import type { Sourced } from "../../documents/kinds.ts";
import { SETTINGS_DEFAULTS, type Settings, type SettingsSpec } from "../../documents/settings.ts";
import { durationSeconds } from "../../model/instant.ts";
import { guardOf } from "../../reviews/guard.ts";
import { type Difference, differences, differenceText } from "../differences.ts";
import { type RiskDraft, riskAt } from "./risk-at.ts";

/** Settings of which each difference is told: whom the runner believes and tells, and where its records are. */
const WATCHED = ["state", "tagKey", "forge", "channels", "routes", "heartbeat"] as const;

/** Settings that open a door, close an eye or stop the runner. */
export function settingsRisks(
  before: Sourced<Settings> | undefined,
  after: Sourced<Settings> | undefined,
): readonly RiskDraft[] {
  const place = after ?? before;
  if (place === undefined) return [];
  const [old, now] = [before?.document.spec ?? {}, after?.document.spec ?? {}];
  const found = [
    ...WATCHED.flatMap((key) => differences(old[key], now[key], key)),
    ...opened(old, now),
    ...forgotten(old, now),
    ...slower(old, now),
  ];
  const halted = stopped(old, now);
  const at = (key: string) => (after === undefined ? {} : { path: ["spec", key] });
  const groups = Map.groupBy(found, ({ path }) => path.split(".")[0] ?? "");
  return [
    ...[...groups].map(([key, about]) => riskAt(place, "settings-changed", differenceText(about), at(key))),
    ...(halted.length === 0 ? [] : [riskAt(place, "everything-held", halted.join("; "), at("limits"))]),
  ];
}

/** More places to write to, more commands to run, more hosts to speak to. */
function opened(old: SettingsSpec, now: SettingsSpec): readonly Difference[] {
  const paths = now.paths?.filter((path) => old.paths?.includes(path) !== true) ?? [];
  const scans = now.network?.scan?.filter((host) => old.network?.scan?.includes(host) !== true) ?? [];
  return [
    ...(paths.length === 0 ? [] : [{ path: "paths", before: old.paths, after: now.paths }]),
    ...differences(old.commands ?? {}, now.commands ?? {}, "commands").filter(
      ({ after }) => after !== undefined,
    ),
    ...(scans.length === 0
      ? []
      : [{ path: "network.scan", before: old.network?.scan, after: now.network?.scan }]),
    ...differences(old.network?.proxy, now.network?.proxy, "network.proxy"),
    ...differences(old.network?.ca, now.network?.ca, "network.ca"),
  ];
}

/** Labels that need not be there any more, or may say more; teams that are gone or are told elsewhere. */
function forgotten(old: SettingsSpec, now: SettingsSpec): readonly Difference[] {
  return (["labels", "teams"] as const).flatMap((key) => {
    const known = Object.keys(old[key] ?? {});
    const kept = Object.entries(now[key] ?? {}).filter(([name]) => known.includes(name));
    return differences(old[key] ?? {}, Object.fromEntries(kept), key);
  });
}

/** Changes of targets that rest for a shorter time, or not at all; runs that are missed for longer. */
function slower(old: SettingsSpec, now: SettingsSpec): readonly Difference[] {
  const [oldGuard, guard] = [guardOf(old), guardOf(now)];
  const rests = oldGuard !== undefined && (guard?.cooldown ?? -1) < oldGuard.cooldown;
  const after = guard === undefined ? undefined : cooldownOf(now);
  const [oldEvery, every] = [old, now].map(({ schedule }) => schedule?.every ?? SETTINGS_DEFAULTS.every);
  return [
    ...(rests ? [{ path: "changes.cooldown", before: cooldownOf(old), after }] : []),
    ...(isLonger(oldEvery, every) ? [{ path: "schedule.every", before: oldEvery, after: every }] : []),
    ...(old.unmanaged === "critical" && now.unmanaged !== "critical"
      ? [{ path: "unmanaged", before: old.unmanaged, after: now.unmanaged ?? "warning" }]
      : []),
  ];
}

/** How long a change of a target rests where something guards it. */
export function cooldownOf(settings: SettingsSpec | undefined): string {
  return settings?.changes?.cooldown ?? SETTINGS_DEFAULTS.cooldown;
}

function isLonger(shorter: string | undefined, longer: string | undefined): boolean {
  if (shorter === undefined || longer === undefined) return false;
  return durationSeconds(shorter) < durationSeconds(longer);
}

/** What keeps every rotation from starting. */
function stopped({ limits: old }: SettingsSpec, { limits: now }: SettingsSpec): readonly string[] {
  const known = new Set((old?.freeze ?? []).map(({ from, to }) => `${from} ${to}`));
  const freezes = (now?.freeze ?? []).filter(({ from, to }) => !known.has(`${from} ${to}`));
  const none = (["startsPerRun", "openRotations"] as const).filter(
    (limit) => now?.[limit] === 0 && old?.[limit] !== 0,
  );
  return [
    ...none.map((limit) => `limits.${limit} is 0: no rotation starts`),
    ...freezes.map(({ from, to }) => `limits.freeze: no rotation starts from ${from} to ${to}`),
  ];
}
