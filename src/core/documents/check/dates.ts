import { parseInstant } from "../../model/instant.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { documentsIn } from "./index-documents.ts";

/** A date of a document; undefined values are left out. */
type Dated = readonly [path: FieldPath, value: string | undefined];
/** The first must not be after the second; `strictly`: nor at it. */
type Ordered = readonly [earlier: Dated, later: Dated, strictly: boolean];

/** Every date is one that the calendar has, and those that follow each other do. */
export function checkDates(input: CheckInput): readonly Fault[] {
  return applyRules(documentsIn(input.documents), input, [dateFaults]);
}

function dateFaults(source: Sourced): Fault[] {
  const { dates, orders } = datesOf(source);
  const faults: Fault[] = [];
  for (const [path, value] of dates) {
    if (value !== undefined && instantIn(value) === undefined) {
      faults.push(calendarFault(source, path, value));
    }
  }
  for (const order of orders) {
    const fault = orderFault(source, order);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

/** The common case, a day that every month has, without the calendar. */
function instantIn(text: string): string | undefined {
  const plain =
    text.length === 10 &&
    text.slice(5, 7) <= "12" &&
    text.slice(8) <= "28" &&
    text.slice(5, 7) > "00" &&
    text.slice(8) > "00";
  return plain ? `${text}T00:00:00Z` : parseInstant(text);
}

function at(value: string | undefined, ...path: (string | number)[]): Dated {
  return [["spec", ...path], value];
}

function datesOf({ document }: Sourced): {
  readonly dates: readonly Dated[];
  readonly orders: readonly Ordered[];
} {
  switch (document.kind) {
    case "Credential": {
      const { spec } = document;
      const created = at(spec.createdAt, "createdAt");
      const rotated = at(spec.rotatedAt, "rotatedAt");
      const expires = at(spec.expiresAt, "expiresAt");
      const retired = at(spec.retiredAt, "retiredAt");
      const others = [
        at(spec.compromised?.at, "compromised", "at"),
        ...(spec.access ?? []).map(({ until }, index) => at(until, "access", index, "until")),
      ];
      const orders = [rotated, retired].map((later): Ordered => [created, later, false]);
      return {
        dates: [created, rotated, expires, retired, ...others],
        orders: [...orders, [created, expires, true]],
      };
    }
    case "Policy":
      return { dates: [at(document.spec.basis?.reviewedAt, "basis", "reviewedAt")], orders: [] };
    case "Exception": {
      const starts = at(document.spec.startsAt, "startsAt");
      const expires = at(document.spec.expiresAt, "expiresAt");
      return { dates: [starts, expires], orders: [[starts, expires, true]] };
    }
    case "Snooze":
    case "Hold":
      return { dates: [at(document.spec.until, "until")], orders: [] };
    case "Settings": {
      const freezes = (document.spec.limits?.freeze ?? []).map((freeze, index): Ordered => {
        const path = ["limits", "freeze", index];
        return [at(freeze.from, ...path, "from"), at(freeze.to, ...path, "to"), true];
      });
      return { dates: freezes.flatMap(([from, to]) => [from, to]), orders: freezes };
    }
    case "Connection":
      return { dates: [], orders: [] };
  }
}

function calendarFault(source: Sourced, path: FieldPath, value: string): Fault {
  return {
    source,
    path,
    code: "date-not-in-calendar",
    message: `\`${path.at(-1)}\` is ${value}, which no calendar has`,
    fix: "write a day and a time that exist",
  };
}

function orderFault(source: Sourced, [earlier, later, strictly]: Ordered): Fault | undefined {
  if (earlier[1] === undefined || later[1] === undefined) return undefined;
  const from = instantIn(earlier[1]);
  const to = instantIn(later[1]);
  if (from === undefined || to === undefined || from < to || (from === to && !strictly)) return undefined;
  const [first, second] = [earlier, later].map(([path]) => `\`${path.at(-1)}\``);
  return {
    source,
    path: later[0],
    code: "dates-out-of-order",
    message: `${second} (${later[1]}) is ${from === to ? "the same as" : "before"} ${first} (${earlier[1]})`,
    fix: `let ${second} be after ${first}`,
  };
}
