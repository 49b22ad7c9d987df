import { type Instant, parseInstant } from "../../model/instant.ts";
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
  return applyRules(documentsIn(input.documents), input, [calendarFaults, orderFaults]);
}

function at(value: string | undefined, ...path: (string | number)[]): Dated {
  return [["spec", ...path], value];
}

function calendarFaults(source: Sourced): Fault[] {
  return datesOf(source).dates.flatMap((dated) => calendarFault(source, dated));
}

function orderFaults(source: Sourced): Fault[] {
  return datesOf(source).orders.flatMap((order) => orderFault(source, order));
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

function calendarFault(source: Sourced, [path, value]: Dated): Fault[] {
  if (value === undefined || parseInstant(value) !== undefined) return [];
  return [
    {
      source,
      path,
      code: "date-not-in-calendar",
      message: `\`${path.at(-1)}\` is ${value}, which no calendar has`,
      fix: "write a day and a time that exist",
    },
  ];
}

function orderFault(source: Sourced, [earlier, later, strictly]: Ordered): Fault[] {
  const from = instantOf(earlier);
  const to = instantOf(later);
  if (from === undefined || to === undefined || from < to || (from === to && !strictly)) return [];
  const names = [earlier, later].map(([path]) => `\`${path.at(-1)}\``);
  return [
    {
      source,
      path: later[0],
      code: "dates-out-of-order",
      message: `${names[1]} (${later[1]}) is ${from === to ? "the same as" : "before"} ${names[0]} (${earlier[1]})`,
      fix: `let ${names[1]} be after ${names[0]}`,
    },
  ];
}

function instantOf([, value]: Dated): Instant | undefined {
  return value === undefined ? undefined : parseInstant(value);
}
