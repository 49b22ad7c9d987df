import { Secret } from "../../../core/model/secret.ts";

/** A Secret as a server-side apply sends it: what it names is ours afterwards, what we named before goes away. */
export interface AppliedSecret {
  readonly name: string;
  /** The object that was read, so that nothing is written over a change in between. Absent: a new one. */
  readonly basis: { readonly resourceVersion: string } | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly type: string | undefined;
  /** Values in base64. Never `stringData`: what is applied by it is missing in the ownership of `data`. */
  readonly data: ReadonlyMap<string, Secret>;
}

/** The value as it travels in `data`. */
export function base64Value(value: Secret): Secret {
  return new Secret(Buffer.from(value.reveal(), "utf8").toString("base64"));
}

/** The body of the request. JSON is YAML, which is what the API calls this content. */
export function applyText({ name, basis, annotations, labels, type, data }: AppliedSecret): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name,
      ...(basis === undefined ? {} : { resourceVersion: basis.resourceVersion }),
      annotations,
      ...(labels === undefined ? {} : { labels }),
    },
    ...(type === undefined ? {} : { type }),
    data: Object.fromEntries([...data].map(([key, value]) => [key, value.reveal()])),
  });
}
