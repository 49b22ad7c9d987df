import type { EvaluatedCredential, EvaluationResult } from "./evaluation.ts";

/** Conditions of different kinds must all hold, of the values of one any; labels all. Empty or absent: no condition. */
export interface Selectors {
  readonly only?: readonly string[];
  readonly service?: readonly string[];
  readonly team?: readonly string[];
  readonly type?: readonly string[];
  readonly label?: readonly { readonly key: string; readonly value: string }[];
  readonly state?: readonly string[];
}

/** Names of the credentials that the selectors choose, by name; undefined when there is no selector. */
export function selectCredentials(
  result: EvaluationResult,
  selectors: Selectors,
): ReadonlySet<string> | undefined {
  const isFree = Object.values(selectors).every((values) => values === undefined || values.length === 0);
  if (isFree) return undefined;
  const chosen = [...result.credentials.values()].filter((evaluated) => isChosen(evaluated, selectors));
  return new Set(chosen.map(({ name }) => name));
}

function isChosen({ name, state, source }: EvaluatedCredential, selectors: Selectors): boolean {
  const { spec, metadata } = source.document;
  const labels = metadata.labels ?? {};
  return (
    admits(selectors.only, name) &&
    admits(selectors.service, spec.service) &&
    admits(selectors.team, spec.owner.team) &&
    admits(selectors.type, spec.type) &&
    admits(selectors.state, state) &&
    (selectors.label ?? []).every(({ key, value }) => labels[key] === value)
  );
}

function admits(wanted: readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(value);
}

/** Names that `only` asks for and nobody has, in the order asked. */
export function unknownNames(result: EvaluationResult, selectors: Selectors): readonly string[] {
  return (selectors.only ?? []).filter((name) => !result.credentials.has(name));
}
