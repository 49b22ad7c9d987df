import { didYouMean } from "./did-you-mean.ts";
import type { DocumentPlace, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

/** A name that is none of those that are known, with the one that was probably meant. */
export function unknownName(
  source: DocumentPlace,
  path: FieldPath,
  noun: string,
  name: string,
  known: readonly string[],
): Fault[] {
  if (known.includes(name)) return [];
  return [
    {
      source,
      path,
      code: `${noun}-unknown`,
      message: `there is no ${noun} ${shown(name)}`,
      fix: didYouMean(name, known, `use one of ${known.join(", ")}`),
    },
  ];
}
