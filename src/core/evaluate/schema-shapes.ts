import { type TSchema, Type } from "typebox";

/** Objects that other tools rely on: additive changes only, so unknown keys must not break a reader. */
export function shape<T extends Record<string, TSchema>>(properties: T) {
  return Type.Object(properties, { additionalProperties: true });
}

export const InstantText = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$" });

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Count = Type.Integer({ minimum: 0 });

export const Fraction = nullable(Type.Number({ minimum: 0, maximum: 1 }));

export const LevelName = Type.Unsafe<"none" | "warning" | "critical" | "emergency">({
  type: "string",
  enum: ["none", "warning", "critical", "emergency"],
});

/** One of these words. */
export function word<const T extends readonly string[]>(values: T) {
  return Type.Unsafe<T[number]>({ type: "string", enum: [...values] });
}

/** One problem of a document, at its place. */
export const ProblemRow = shape({
  file: Type.String(),
  line: Type.Integer({ minimum: 1 }),
  column: Type.Integer({ minimum: 1 }),
  code: Type.String(),
  message: Type.String(),
  fix: Type.String(),
});

/** One finding in English. */
export const FindingRow = shape({
  code: Type.String(),
  level: LevelName,
  credential: nullable(Type.String()),
  policy: nullable(Type.String()),
  message: Type.String(),
  fix: Type.String(),
  file: nullable(Type.String()),
  line: nullable(Type.Integer({ minimum: 1 })),
  fingerprint: Type.String({ pattern: "^[0-9a-f]{16}$" }),
  waivedBy: nullable(Type.String()),
});
