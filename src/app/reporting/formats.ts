import { CreError } from "../../core/model/errors.ts";
import type { Reporter } from "../../core/ports/reporter.ts";
import { nearest } from "../../core/text/nearest.ts";
import { REPORTERS } from "../catalogue.ts";

/** The reporters that a list such as `csv,sarif` names, in their own order; without a list all. Throws a usage error. */
export function reportersFor(list: string | undefined): readonly Reporter[] {
  if (list === undefined) return REPORTERS;
  const names = list.split(",").map((name) => name.trim());
  const known = REPORTERS.map(({ format }) => format);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new CreError("usage", `There is no format \`${name}\`.`, {
      fix: near === undefined ? `Name some of ${known.join(",")}.` : `Did you mean \`${near}\`?`,
    });
  }
  return REPORTERS.filter(({ format }) => names.includes(format));
}
