import { pathText, withValue } from "../../adapters/documents-editor/edit-path.ts";
import { CreError } from "../../core/model/errors.ts";
import type { FieldEdit } from "./edit-fields.ts";
import { addDocument } from "./new-document.ts";
import { openWorkTree, type WorkTree } from "./work-tree.ts";
import type { WriteContext, Written } from "./written.ts";

export interface RegisterOptions {
  readonly name: string;
  readonly type: string;
  readonly service: string;
  readonly team: string;
  readonly contact: string;
  readonly method: string;
  /** As the person wrote it; default: today. */
  readonly createdAt?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Further fields. */
  readonly edits: readonly FieldEdit[];
  /** Default: the file that holds documents of this service, else `registry/<service>.yaml`. */
  readonly file?: string;
}

/** `cre register`: a new Credential document. Throws a CreError and writes nothing when it would not be valid. */
export function registerCredential({ repo, clock }: WriteContext, options: RegisterOptions): Written {
  const tree = openWorkTree(repo);
  const { name, type, service, team, contact, method, labels, edits } = options;
  const present = tree.read.documents.credentials.get(name);
  if (present !== undefined) {
    throw new CreError("already-registered", `\`${name}\` is registered already.`, {
      evidence: `${present.file}:${present.line}`,
      fix: `Choose another name, or change it: cre edit ${name} --set PATH=VALUE.`,
    });
  }
  let spec: unknown = {
    type,
    service,
    owner: { team, contact },
    createdAt: options.createdAt ?? clock.slice(0, 10),
    method,
  };
  for (const { path, value } of edits) {
    if (path[0] !== "spec" || path.length === 1) {
      throw new CreError("usage", `\`${pathText(path)}\` cannot be set while registering.`, {
        fix: "Give labels with --label KEY=VALUE; edit the file for the rest.",
      });
    }
    spec = withValue(spec, path.slice(1), value);
  }
  const notes = "access" in Object(spec) ? [] : ["nobody wrote down who can use it: add `access`"];
  return addDocument(tree, {
    kind: "Credential",
    name,
    labels,
    spec: spec as Record<string, unknown>, // a copy of the map above, with fields put in
    file: options.file ?? fileOfService(tree, service),
    notes,
  });
}

function fileOfService({ read }: WorkTree, service: string): string {
  const neighbour = [...read.documents.credentials.values()].find(
    ({ document }) => document.spec.service === service,
  );
  return neighbour?.file ?? `registry/${service}.yaml`;
}
