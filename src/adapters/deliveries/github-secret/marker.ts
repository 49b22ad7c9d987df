import type { Held } from "../../../core/ports/delivery.ts";

/**
 * The state of a push, kept in a variable beside the secrets, since GitHub shows of a secret only when it was last
 * written. It says either what all secrets hold, or what is being written and what was there before. Times are GitHub's
 * own, so that no clock of a runner takes part.
 */
export type Marker =
  | {
      readonly state: "done";
      readonly attempt: string;
      /** When the last of the secrets was written. */
      readonly until: number;
    }
  | {
      readonly state: "pushing";
      readonly attempt: string;
      /** The attempt that all secrets held before; null: none of ours; `unclear`: nobody knew. */
      readonly before: Before;
      /** When the last of the secrets had been written before; null: there were none. */
      readonly since: number | null;
    };

type Before = { readonly attempt: string } | null | "unclear";

/** When each secret was written, in milliseconds since 1970; undefined where it is not there. */
export type Written = readonly (number | undefined)[];

const ATTEMPT = /^[\x21-\x7e]{1,200}$/;

/** The variable in which a credential's marker stands; names of credentials are such that no two share one. */
export function markerName(credential: string): string {
  return `CRE_ATTEMPT_${credential.toUpperCase().replaceAll("-", "_")}`;
}

/** `names`: the secrets of which it speaks. */
export function markerText(marker: Marker, names: readonly string[]): string {
  const { state, attempt } = marker;
  const secrets = listed(names);
  if (state === "done") return JSON.stringify({ attempt, until: iso(marker.until), secrets });
  const { before, since } = marker;
  return JSON.stringify({ pushing: attempt, before, since: since === null ? null : iso(since), secrets });
}

/**
 * Reads a marker of these secrets; undefined where the text is none of ours, or speaks of others: a second repository of
 * documents may have a credential of the same name, whose marker stands in the same variable.
 */
export function parseMarker(text: string, names: readonly string[]): Marker | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  if (!("secrets" in said) || said.secrets !== listed(names)) return undefined;
  if ("attempt" in said && "until" in said) {
    const { attempt } = said;
    const until = timeOf(said.until);
    return isAttempt(attempt) && until !== undefined ? { state: "done", attempt, until } : undefined;
  }
  if (!("pushing" in said && "before" in said && "since" in said)) return undefined;
  const { pushing: attempt } = said;
  const since = said.since === null ? null : timeOf(said.since);
  const before = beforeOf(said.before);
  if (!isAttempt(attempt) || since === undefined || before === undefined) return undefined;
  return { state: "pushing", attempt, before, since };
}

/**
 * What the secrets hold, as far as the marker and the times prove it. A secret that was written later than the marker
 * accounts for was written by somebody else, and one of several that was written is half a push: both are unclear.
 */
export function heldBy(marker: Marker | "none" | "unreadable", written: Written): Held | "unknown" {
  if (marker === "none") return {};
  if (marker === "unreadable") return "unknown";
  if (marker.state === "done") {
    const isKept = written.every((time) => time !== undefined && time <= marker.until);
    return isKept ? { current: marker.attempt } : { unclear: true };
  }
  const { attempt, before, since } = marker;
  const changed = written.filter((time) => time !== undefined && (since === null || time > since));
  if (changed.length === written.length) return { current: attempt };
  if (changed.length > 0 || before === "unclear") return { unclear: true };
  return before === null ? {} : { current: before.attempt };
}

function beforeNext(held: Held | "unknown"): Before {
  if (held === "unknown" || held.unclear === true) return "unclear";
  return held.current === undefined ? null : { attempt: held.current };
}

/** The marker to write before the first secret of a push. */
export function beginning(attempt: string, marker: Marker | "none" | "unreadable", written: Written): Marker {
  // What an earlier try of the same attempt began is still measured from there.
  if (
    marker !== "none" &&
    marker !== "unreadable" &&
    marker.state === "pushing" &&
    marker.attempt === attempt
  ) {
    return marker;
  }
  const held = heldBy(marker, written);
  return { state: "pushing", attempt, before: beforeNext(held), since: latest(written) ?? null };
}

/** The latest of the times; undefined where no secret is there. */
export function latest(written: Written): number | undefined {
  const times = written.filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

function beforeOf(said: unknown): Before | undefined {
  if (said === null || said === "unclear") return said;
  if (typeof said !== "object" || !("attempt" in said) || !isAttempt(said.attempt)) return undefined;
  return { attempt: said.attempt };
}

/** In one order, and without regard to case, as GitHub keeps them. */
function listed(names: readonly string[]): string {
  return names
    .map((name) => name.toUpperCase())
    .toSorted()
    .join(" ");
}

function isAttempt(said: unknown): said is string {
  return typeof said === "string" && ATTEMPT.test(said);
}

function timeOf(said: unknown): number | undefined {
  const time = typeof said === "string" ? Date.parse(said) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
