import { type Static, type TSchema, Type } from "typebox";

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

export function list<T extends TSchema>(
  items: T,
  description: string,
  options: { minItems?: number; maxItems?: number } = {},
) {
  return Type.Array(items, { maxItems: 1000, ...options, description });
}

/**
 * Options of an object of which exactly one of these keys must be there. The schema says so itself, so that editors
 * and other validators see it as well.
 */
export function exactlyOne(keys: readonly string[]) {
  return { oneOf: keys.map((key) => ({ required: [key] })) };
}

/** A closed object of which exactly one of `keys` must be there beside the others. */
export function closedUnion<T extends Record<string, TSchema>>(
  properties: T,
  keys: readonly (keyof T & string)[],
  description?: string,
) {
  return Type.Object(properties, {
    additionalProperties: false,
    ...exactlyOne(keys),
    ...(description === undefined ? {} : { description }),
  });
}

/** A map with free keys of the given form. */
export function mapOf<T extends TSchema>(
  keyPattern: string,
  value: T,
  description: string,
  options: { minProperties?: number } = {},
) {
  return Type.Record(Type.String({ pattern: keyPattern }), value, {
    additionalProperties: false,
    maxProperties: 1000,
    ...options,
    description,
  });
}

export const NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,62}$";
export const DATE_PATTERN = "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z)?$";
export const GUID_PATTERN = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";
export const DURATION_PATTERN = "^(0|[1-9]\\d{0,8})[smhdw]$";

/** What a name looks like, for people. */
export const NAME_FORM = "Lower-case letters, digits and dashes, at most 63.";
export const Name = Type.String({ pattern: NAME_PATTERN, description: NAME_FORM });

/** `YYYY-MM-DD` (00:00:00Z) or RFC 3339 with `Z`; kept as written. */
export function date(description: string) {
  return Type.String({
    pattern: DATE_PATTERN,
    description: `${description} \`YYYY-MM-DD\` or RFC 3339 with \`Z\`.`,
  });
}

/** An integer and one of `s m h d w`. */
export function duration(description: string) {
  return Type.String({
    pattern: DURATION_PATTERN,
    description: `${description} An integer and one of \`s m h d w\`.`,
  });
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

/** Names of labels, in `metadata.labels`, in `match` and in Settings. */
export const LABEL_PATTERN = "^[a-z0-9][a-z0-9./_-]{0,62}$";
const LabelValue = Type.String({ maxLength: 63 });

const Labels = mapOf(
  LABEL_PATTERN,
  LabelValue,
  "Free labels; Settings may require some and bound their values.",
);
/** Conditions on labels: all of them must be there with these values. */
export const LabelMatch = mapOf(LABEL_PATTERN, LabelValue, "All of these labels.", { minProperties: 1 });

const Metadata = closed({
  name: Name,
  labels: Type.Optional(Labels),
  formerNames: Type.Optional(
    list(Name, "Names this document had before; joins its record, mark and trail.", { minItems: 1 }),
  ),
});

export const MATCH_OPTIONS = {
  additionalProperties: false,
  minProperties: 1,
  description: "Conditions of different kinds are and-ed, values within one or-ed, labels all required.",
};
/** Which credentials a document is about: different conditions are and-ed, values of one are or-ed, labels all required. */
export const Match = Type.Object(
  {
    types: Type.Optional(list(CredentialTypeName, "Credential types.", { minItems: 1 })),
    services: Type.Optional(list(Type.String({ minLength: 1 }), "Owning services.", { minItems: 1 })),
    names: Type.Optional(list(Name, "Credential names.", { minItems: 1 })),
    labels: Type.Optional(LabelMatch),
  },
  MATCH_OPTIONS,
);
export type Match = Static<typeof Match>;

/** Where a secret of the runner comes from; never the secret itself. */
export type SecretRef = { env: string } | { file: string };
/** Properties of a reference to a secret on the runner's own host, of which there is exactly one. */
export const LOCAL_SECRET = {
  env: Type.Optional(
    Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]{0,254}$", description: "A variable of the runner." }),
  ),
  file: Type.Optional(
    Type.String({
      pattern: "^/",
      maxLength: 4096,
      description: "Absolute path of a file on the runner's host.",
    }),
  ),
};
export const SecretRef = Type.Unsafe<SecretRef>(
  closedUnion(LOCAL_SECRET, ["env", "file"], "Where the runner finds the secret; never the secret itself."),
);

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
