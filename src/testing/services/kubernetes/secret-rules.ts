import { isDeepStrictEqual } from "node:util";
import { type Cause, invalid, type ObjectName } from "./api-problem.ts";
import { isObject, type Json } from "./field-sets.ts";

const LARGEST = 1024 * 1024;
const KEYS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

/** A Secret as the API stores it: `stringData` is only a way to write `data`. */
export function storedSecret(object: Json): Json {
  const { stringData, ...rest } = object;
  const written = isObject(stringData) ? Object.entries(stringData) : [];
  const data: Json = {
    ...(isObject(rest["data"]) ? rest["data"] : {}),
    ...Object.fromEntries(
      written.map(([key, value]) => [key, Buffer.from(String(value)).toString("base64")]),
    ),
  };
  const { data: _, ...others } = rest;
  return { ...others, ...(Object.keys(data).length === 0 ? {} : { data }), type: rest["type"] ?? "Opaque" };
}

/** The API's rules for Secrets; throws what it answers when one is broken. */
export function checkSecret(name: ObjectName, before: Json | undefined, next: Json): void {
  const data = isObject(next["data"]) ? next["data"] : {};
  const causes: Cause[] = [];
  for (const key of Object.keys(data)) {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
      causes.push({
        reason: "FieldValueInvalid",
        message: `Invalid value: "${key}": a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
        field: `data[${key}]`,
      });
    }
  }
  for (const key of KEYS_OF_TYPE[String(next["type"])] ?? []) {
    if (!(key in data)) {
      causes.push({ reason: "FieldValueRequired", message: "Required value", field: `data[${key}]` });
    }
  }
  const size = Object.values(data).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(String(value), "base64"),
    0,
  );
  if (size > LARGEST) {
    causes.push({
      reason: "FieldValueTooLong",
      message: `Too long: may not be more than ${LARGEST} bytes`,
      field: "data",
    });
  }
  if (before !== undefined) {
    if (before["type"] !== next["type"]) {
      causes.push({
        reason: "FieldValueInvalid",
        message: `Invalid value: "${String(next["type"])}": field is immutable`,
        field: "type",
      });
    }
    if (before["immutable"] === true && !isDeepStrictEqual(before["data"], next["data"])) {
      causes.push({
        reason: "FieldValueForbidden",
        message: "Forbidden: field is immutable when `immutable` is set",
        field: "data",
      });
    }
  }
  if (causes.length > 0) throw invalid(name, causes);
}
