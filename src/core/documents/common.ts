import { Type, type Static, type TSchema } from "typebox";

/** Objects in documents are closed: an unknown key is an error. */
export function closed<T extends Record<string, TSchema>>(properties: T, description?: string) {
  return Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });
}

/** A string with one of the given values. */
export function oneOf<const T extends readonly string[]>(values: T, description?: string) {
  return Type.Unsafe<T[number]>({
    type: "string",
    enum: [...values],
    ...(description === undefined ? {} : { description }),
  });
}

export function text(description: string, limit = 500) {
  return Type.String({ minLength: 1, maxLength: limit, description });
}

export function list<T extends TSchema>(items: T, description: string, options: { minItems?: number; maxItems?: number } = {}) {
  return Type.Array(items, { maxItems: 1000, ...options, description });
}

export const NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,62}$";
export const DATE_PATTERN = "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z)?$";
export const DURATION_PATTERN = "^(0|[1-9]\\d{0,8})[smhdw]$";

export const Name = Type.String({ pattern: NAME_PATTERN, description: "Lower-case letters, digits and dashes, at most 63." });

/** `YYYY-MM-DD` (00:00:00Z) or RFC 3339 with `Z`; kept as written. */
export function date(description: string) {
  return Type.String({ pattern: DATE_PATTERN, description: `${description} \`YYYY-MM-DD\` or RFC 3339 with \`Z\`.` });
}

/** An integer and one of `s m h d w`. */
export function duration(description: string) {
  return Type.String({ pattern: DURATION_PATTERN, description: `${description} An integer and one of \`s m h d w\`.` });
}

export const CREDENTIAL_TYPES = [
  "api-key",
  "database-password",
  "tls-certificate",
  "ssh-key",
  "oauth-client-secret",
] as const;
export type CredentialType = (typeof CREDENTIAL_TYPES)[number];
export const CredentialTypeName = oneOf(CREDENTIAL_TYPES, "What kind of credential it is.");

export const Labels = Type.Record(Type.String({ pattern: "^[a-z0-9][a-z0-9./_-]{0,62}$" }), Type.String({ maxLength: 63 }), {
  description: "Free labels; Settings may require some and bound their values.",
});

const Metadata = closed({
  name: Name,
  labels: Type.Optional(Labels),
  formerNames: Type.Optional(list(Name, "Names this document had before; joins its record, mark and trail.", { minItems: 1 })),
});

/** Which credentials a document is about: different conditions are and-ed, values of one are or-ed, labels all required. */
export const Match = closed(
  {
    types: Type.Optional(list(CredentialTypeName, "Credential types.", { minItems: 1 })),
    services: Type.Optional(list(Type.String({ minLength: 1 }), "Owning services.", { minItems: 1 })),
    names: Type.Optional(list(Name, "Credential names.", { minItems: 1 })),
    labels: Type.Optional(Type.Record(Type.String(), Type.String(), { minProperties: 1, description: "All of these labels." })),
  },
  "Conditions of different kinds are and-ed, values within one or-ed, labels all required.",
);
export type Match = Static<typeof Match>;

/** Where a secret of the runner comes from; never the secret itself. */
export const SecretRef = Type.Union(
  [
    closed({ env: Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]*$", description: "A variable of the runner." }) }),
    closed({ file: text("A file on the runner's host.") }),
  ],
  { description: "Where the runner finds the secret; never the secret itself." },
);
export type SecretRef = Static<typeof SecretRef>;

/** The frame that every kind shares. */
export function documentOf<K extends string, S extends TSchema>(kind: K, spec: S, description: string) {
  return Type.Object(
    {
      apiVersion: Type.Literal("cre/v1"),
      kind: Type.Literal(kind),
      metadata: Metadata,
      spec,
    },
    { additionalProperties: false, title: kind, description },
  );
}
