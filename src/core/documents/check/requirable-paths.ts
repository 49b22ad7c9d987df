import { Credential } from "../credential.ts";

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** Paths below `spec` of a credential that a policy may require: every field of every map. */
export function requirablePaths(): readonly string[] {
  const paths: string[] = [];
  const visit = (node: SchemaNode | undefined, prefix: string): void => {
    for (const [key, inner] of Object.entries(node?.properties ?? {})) {
      paths.push(prefix + key);
      visit(inner, `${prefix}${key}.`);
    }
  };
  // A schema of typebox is a JSON Schema.
  visit((Credential as SchemaNode).properties?.["spec"], "");
  return paths;
}
