import { ApiProblem } from "./api-problem.ts";
import { isObject, type Json } from "./field-sets.ts";

/** What a request for a list asks for. */
interface ListAsked {
  readonly kind: string;
  readonly apiVersion: string;
  readonly query: URLSearchParams;
  readonly accept: string;
}

/** A list as the API answers it: whole objects, or their metadata alone where only that is accepted; page by page. */
export function listAnswer(objects: readonly Json[], { kind, apiVersion, query, accept }: ListAsked): Json {
  const wanted = typeIn(query.get("fieldSelector"));
  const all = objects.filter((object) => wanted === undefined || object["type"] === wanted);
  const limit = Number(query.get("limit") ?? "0");
  const token = query.get("continue") ?? "";
  const from = token === "" ? 0 : all.findIndex((object) => nameOf(object) === token);
  if (from === -1) {
    const message = "The provided continue parameter is too old to display a consistent list result.";
    throw new ApiProblem(410, "Expired", message);
  }
  const page = limit === 0 ? all.slice(from) : all.slice(from, from + limit);
  const next = all[from + page.length];
  const metadata = { resourceVersion: "1", ...(next === undefined ? {} : { continue: nameOf(next) }) };
  if (accept.includes("as=PartialObjectMetadataList")) {
    return {
      kind: "PartialObjectMetadataList",
      apiVersion: "meta.k8s.io/v1",
      metadata,
      items: page.map((object) => ({ metadata: object["metadata"] })),
    };
  }
  return { kind: `${kind}List`, apiVersion, metadata, items: page };
}

/** Secrets are selected by their name, namespace or type; tests select by the type alone. */
function typeIn(selector: string | null): string | undefined {
  if (selector === null || selector === "") return undefined;
  const [, type] = /^type=(.+)$/.exec(selector) ?? [];
  if (type !== undefined) return type;
  throw new ApiProblem(400, "BadRequest", `field label not supported: ${selector}`);
}

function nameOf(object: Json): string {
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  return String(metadata["name"]);
}
