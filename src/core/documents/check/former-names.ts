import type { Sourced } from "../kinds.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { documentsIn } from "./index-documents.ts";
import { shown } from "./shown.ts";

/** A former name is nobody's name now, and only one document had it: otherwise records and marks could not be joined. */
export function checkFormerNames({ documents }: CheckInput): readonly Fault[] {
  const all = documentsIn(documents);
  const renamed = all.filter(({ document }) => document.metadata.formerNames !== undefined);
  if (renamed.length === 0) return [];
  const current = new Map(
    all.map((source) => [`${source.document.kind} ${source.document.metadata.name}`, source]),
  );
  const former = new Map<string, Sourced>();
  return renamed.flatMap((source) => {
    const { kind, metadata } = source.document;
    return (metadata.formerNames ?? []).flatMap((name, at): Fault[] => {
      const key = `${kind} ${name}`;
      const holder = current.get(key) ?? former.get(key);
      former.set(key, source);
      if (holder === undefined) return [];
      const whose =
        holder === source ? "of this document itself" : `of the ${kind} at ${holder.file}:${holder.line}`;
      return [
        {
          source,
          path: ["metadata", "formerNames", at],
          code: "former-name-taken",
          message: `${shown(name)} is a name ${whose}`,
          fix: "remove it from `formerNames`, or from the other document",
        },
      ];
    });
  });
}
