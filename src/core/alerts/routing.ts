import type { SettingsSpec } from "../documents/settings.ts";
import { durationSeconds } from "../model/instant.ts";
import { type Destination, destinationOf, keyOf, type Owner } from "./destination.ts";
import { type DigestTime, digestTimeOf } from "./digest-time.ts";
import type { Subject } from "./subject.ts";

type Route = NonNullable<SettingsSpec["routes"]>[number];

/** One way to somebody, with when what can wait goes out there. */
export interface Way {
  /** Key of the destination. */
  readonly to: string;
  readonly time: DigestTime;
}

export interface Escalation {
  /** Seconds after the first of `from` was told. */
  readonly after: number;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Where one alert goes. */
export interface Routing {
  /** Each destination once, by the first route that has it. */
  readonly ways: readonly Way[];
  readonly escalations: readonly Escalation[];
  /** Its owner was to be told and cannot be reached. */
  readonly ownerUnreached: boolean;
  /** Some route is for it. */
  readonly matched: boolean;
}

/** What routing depends on beside the alert. */
export interface RoutingRules {
  readonly routes: readonly Route[];
  /** Where an owner is reached; undefined: nowhere. */
  readonly ownerAt: (owner: Owner) => Destination | undefined;
}

/**
 * The destinations of an alert. The first route that matches wins, and those before it that say `continue`. What only
 * an owner was to be told, and no owner can be, goes to the first route without conditions.
 */
export function routeOf(subject: Subject, rules: RoutingRules): Routing {
  const ways = new Map<string, Way>();
  const escalations: Escalation[] = [];
  let [ownerUnreached, matched] = [false, false];
  for (const route of rules.routes) {
    if (!isFor(route, subject)) continue;
    matched = true;
    const found = destinationsOf(route, subject, rules);
    ownerUnreached ||= found.ownerUnreached;
    const time = digestTimeOf(route);
    for (const to of found.keys) if (!ways.has(to)) ways.set(to, { to, time });
    if (route.escalateAfter !== undefined && route.escalateTo !== undefined) {
      const after = durationSeconds(route.escalateAfter);
      escalations.push({ after, from: found.keys, to: [...new Set(route.escalateTo)] });
    }
    if (route.continue !== true) break;
  }
  const last = ways.size === 0 && matched ? fallback(rules.routes) : [];
  const all = around(subject, [...ways.values(), ...last], rules.routes);
  return {
    ways: all,
    // Who is told in place of an owner that cannot be is who does not answer.
    escalations: escalations.map(({ after, from, to }) => ({
      after,
      from: from.length > 0 ? from : all.map((way) => way.to),
      to,
    })),
    ownerUnreached,
    matched,
  };
}

/** That a destination cannot be told is told to others: on its ways, or else to the next channel that any route names. */
function around({ finding }: Subject, ways: readonly Way[], routes: readonly Route[]): readonly Way[] {
  if (finding.code !== "channel-failing") return ways;
  const failing = String(finding.facts["destination"]);
  const others = ways.filter(({ to }) => to !== failing);
  if (others.length > 0) return others;
  const named = routes.flatMap((route) =>
    [...route.to, ...(route.escalateTo ?? [])].map((to): Way => ({ to, time: digestTimeOf(route) })),
  );
  const next = named.find(({ to }) => to !== "owner" && to !== destinationOf(failing).channel);
  return next === undefined ? [] : [next];
}

function destinationsOf(
  { to }: Route,
  { document }: Subject,
  { ownerAt }: RoutingRules,
): { readonly keys: readonly string[]; readonly ownerUnreached: boolean } {
  const keys = new Set<string>();
  let ownerUnreached = false;
  for (const name of to) {
    const found =
      name !== "owner"
        ? { channel: name, recipient: undefined }
        : document === undefined
          ? undefined
          : ownerAt(document.spec.owner);
    if (found === undefined) ownerUnreached = true;
    else keys.add(keyOf(found));
  }
  return { keys: [...keys], ownerUnreached };
}

/** The channels of the first route that is for everything. */
function fallback(routes: readonly Route[]): readonly Way[] {
  for (const route of routes) {
    const channels = route.to.filter((name) => name !== "owner");
    if (route.match === undefined && channels.length > 0) {
      return channels.map((to) => ({ to, time: digestTimeOf(route) }));
    }
  }
  return [];
}

/** Conditions about credentials are for credentials alone: what is about the repository has no team, type or label. */
function isFor({ match }: Route, { level, document }: Subject): boolean {
  if (match === undefined) return true;
  const { levels, teams, types, services, labels } = match;
  if (levels !== undefined && !levels.includes(level)) return false;
  if (teams === undefined && types === undefined && services === undefined && labels === undefined) {
    return true;
  }
  if (document === undefined) return false;
  const { spec, metadata } = document;
  const carried = metadata.labels ?? {};
  return (
    (teams?.includes(spec.owner.team) ?? true) &&
    (types?.includes(spec.type) ?? true) &&
    (services?.includes(spec.service) ?? true) &&
    Object.entries(labels ?? {}).every(([key, value]) => carried[key] === value)
  );
}

/** When a destination gets its digest, by the first route that names it now: of what is over no route is known. */
export function digestTimeFor(to: string, routes: readonly Route[]): DigestTime {
  const { channel, recipient } = destinationOf(to);
  const name = recipient === undefined ? channel : "owner";
  const route = routes.find((known) => known.to.includes(name) || known.escalateTo?.includes(name) === true);
  return digestTimeOf(route ?? {});
}
