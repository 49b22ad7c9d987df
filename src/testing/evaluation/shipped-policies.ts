import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { Policy } from "../../core/documents/policy.ts";

/** The policies that this repository ships as its example, by what they are about. */
export const SHIPPED_POLICIES: { readonly tls: Policy["spec"] } = {
  tls: specOf("tls-certificates"),
};

function specOf(name: string): Policy["spec"] {
  const text = readFileSync(new URL("../../../policies/rotation.yaml", import.meta.url), "utf8");
  const found = parseAllDocuments(text)
    .map((document) => document.toJS() as Policy)
    .find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found.spec;
}
