import { readNamedFile } from "../../adapters/documents/named-file.ts";
import { filesNamedBy } from "../../core/documents/check/file-references.ts";
import type { Documents, Problem } from "../../core/documents/kinds.ts";

const BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;

/**
 * Private keys in the files of this work tree that documents name, at their lines. Those files are for certificates, and a
 * pull request that brings one is the last moment at which a key beside it can still be kept out.
 */
export function privateKeysIn(repo: string, documents: Documents): readonly Problem[] {
  return filesNamedBy(documents).flatMap((file): Problem[] => {
    const before = readNamedFile(repo, file)?.split(BEGIN) ?? [];
    if (before.length < 2) return [];
    const lines = (before[0] ?? "").split("\n");
    return [
      {
        file,
        line: lines.length,
        column: (lines.at(-1) ?? "").length + 1,
        code: "private-key",
        message: "there is a private key in a file that is for certificates",
        fix: "take it out, of the history as well; if it was ever pushed, treat whatever uses it as compromised",
      },
    ];
  });
}
