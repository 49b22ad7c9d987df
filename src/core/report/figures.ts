import type { ReportModel } from "./report-schema.ts";

/** One number of a report, by the name that every format gives it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
}

/** The figures that every format states, in this order. */
export function figuresOf({ population, scorecard, period, discovery }: ReportModel): readonly Figure[] {
  const { states, levels, strict, adjusted } = scorecard;
  return [
    ...named("rows", population),
    ...named("state", states),
    ...named("level", levels),
    { name: "strict.numerator", value: strict.numerator },
    { name: "strict.denominator", value: strict.denominator },
    { name: "adjusted.numerator", value: adjusted.numerator },
    { name: "adjusted.denominator", value: adjusted.denominator },
    ...named("period", period?.figures ?? {}),
    ...(discovery === null
      ? []
      : [
          { name: "managed.numerator", value: discovery.managed.numerator },
          { name: "managed.denominator", value: discovery.managed.denominator },
        ]),
  ];
}

function named(group: string, numbers: Readonly<Record<string, number>>): readonly Figure[] {
  return Object.entries(numbers).map(([name, value]) => ({ name: `${group}.${name}`, value }));
}
