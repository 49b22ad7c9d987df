/** A request that the API refuses: its `Status` body, as the real one words it. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(code: number, reason: string | undefined, message: string, details?: object) {
    super(message);
    this.name = "ApiProblem";
    this.status = code;
    this.body = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** What an object is called in answers. */
export interface ObjectName {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

function qualified({ group, plural }: ObjectName): string {
  return group === "" ? plural : `${plural}.${group}`;
}

function detailsOf({ group, plural, name }: ObjectName): object {
  return { name, ...(group === "" ? {} : { group }), kind: plural };
}

export function notFound(object: ObjectName): ApiProblem {
  return new ApiProblem(
    404,
    "NotFound",
    `${qualified(object)} "${object.name}" not found`,
    detailsOf(object),
  );
}

export function namespaceNotFound(namespace: string): ApiProblem {
  return new ApiProblem(404, "NotFound", `namespaces "${namespace}" not found`, {
    name: namespace,
    kind: "namespaces",
  });
}

export function alreadyExists(object: ObjectName): ApiProblem {
  return new ApiProblem(
    409,
    "AlreadyExists",
    `${qualified(object)} "${object.name}" already exists`,
    detailsOf(object),
  );
}

export function forbidden(user: string, verb: string, object: ObjectName): ApiProblem {
  const { group, plural, namespace, name } = object;
  const shown = name === "" ? "" : ` "${name}"`;
  return new ApiProblem(
    403,
    "Forbidden",
    `${qualified(object)}${shown} is forbidden: User "${user}" cannot ${verb} resource "${plural}" in API group "${group}" in the namespace "${namespace}"`,
    detailsOf(object),
  );
}

export function modified(object: ObjectName, why: string): ApiProblem {
  return new ApiProblem(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(object)} "${object.name}": ${why}`,
    detailsOf(object),
  );
}

export function conflicts(
  found: readonly { readonly manager: string; readonly field: string }[],
): ApiProblem {
  const causes = found.map(({ manager, field }): Cause => {
    return { reason: "FieldManagerConflict", message: `conflict with "${manager}"`, field };
  });
  const list = found.map(({ manager, field }) => `conflict with "${manager}": ${field}`).join("\n");
  const count = found.length === 1 ? "1 conflict" : `${found.length} conflicts`;
  return new ApiProblem(409, "Conflict", `Apply failed with ${count}: ${list}`, { causes });
}

export function invalid({ kind, name }: ObjectName, causes: readonly Cause[]): ApiProblem {
  const list = causes.map(({ field, message }) => `${field}: ${message}`).join(", ");
  return new ApiProblem(
    422,
    "Invalid",
    `${kind} "${name}" is invalid: ${causes.length === 1 ? list : `[${list}]`}`,
    {
      name,
      kind,
      causes,
    },
  );
}
