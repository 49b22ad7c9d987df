import type { EvaluationResult } from "./evaluation.ts";

/** Conditions of different kinds must all hold, of the values of one any. Empty or absent: no condition. */
export interface Selectors {
  readonly only?: readonly string[];
  readonly service?: readonly string[];
  readonly team?: readonly string[];
  readonly type?: readonly string[];
  readonly label?: readonly { readonly key: string; readonly value: string }[];
  readonly state?: readonly string[];
}

/** Names of the credentials that the selectors choose; undefined when there is no selector. Labels must all hold. */
export function selectCredentials(result: EvaluationResult, selectors: Selectors): ReadonlySet<string> | undefined {
  if (Object.values(selectors).every((values) => values === undefined || values.length === 0)) return undefined;
  const any = (wanted: readonly string[] | undefined, value: string): boolean => wanted === undefined || wanted.length === 0 || wanted.includes(value);
  const chosen = [...result.credentials.values()].filter(({ name, state, source: { document } }) => {
    const { spec, metadata } = document;
    const plain = any(selectors.only, name) && any(selectors.service, spec.service) && any(selectors.team, spec.owner.team) && any(selectors.type, spec.type);
    const labels = metadata.labels ?? {};
    return plain && any(selectors.state, state) && (selectors.label ?? []).every(({ key, value }) => Object.hasOwn(labels, key) && labels[key] === value);
  });
  return new Set(chosen.map(({ name }) => name));
}

/** Names that `only` asks for and nobody has. */
export function unknownNames(result: EvaluationResult, selectors: Selectors): readonly string[] {
  return (selectors.only ?? []).filter((name) => !result.credentials.has(name));
}
