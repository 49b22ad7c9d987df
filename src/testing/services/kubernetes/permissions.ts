/** A rule of a Role, as RBAC writes it. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface Asked {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty where the request names no object, as one that creates by POST. */
  readonly name: string;
}

/** RBAC: rules only allow, and one that names objects does not cover a request without a name. */
export function isAllowed(rules: readonly PolicyRule[], { verb, group, resource, name }: Asked): boolean {
  return rules.some(
    ({ apiGroups, resources, resourceNames = [], verbs }) =>
      apiGroups.includes(group) &&
      resources.includes(resource) &&
      verbs.includes(verb) &&
      (resourceNames.length === 0 || resourceNames.includes(name)),
  );
}
