import type { DocumentPart, PartOrigin } from "../../core/reviews/document-part.ts";
import { type ChangedFile, type ChangedFiles, lineOf } from "./document-changes.ts";
import { type DocumentFields, fieldsOf } from "./document-outline.ts";
import type { Git } from "./git.ts";
import { readBlobs } from "./objects.ts";

/**
 * For each part the commit of the first-parent line that made it say what it says in `commit`. A commit that only moved
 * the document to another file or position, renamed it, laid it out anew or changed its other fields did not: whoever
 * approves that has not approved what the part says. Undefined: it is not there, or its history is not here.
 */
export async function originsOf(
  git: Git,
  parts: readonly DocumentPart[],
  commit: string,
  signal: AbortSignal,
): Promise<readonly (PartOrigin | undefined)[]> {
  if (parts.length === 0) return [];
  const line = await lineOf(git, commit, signal);
  const read = reader(git);
  const found: (PartOrigin | undefined)[] = [];
  for (const part of parts) {
    signal.throwIfAborted();
    found.push(await originOf(part, line, read));
  }
  return found;
}

type Read = (blob: string | undefined) => Promise<readonly DocumentFields[]>;

/** Reads each blob once: files of many documents are asked about again and again. */
function reader(git: Git): Read {
  const known = new Map<string, readonly DocumentFields[]>();
  return async (blob) => {
    if (blob === undefined) return [];
    const before = known.get(blob);
    if (before !== undefined) return before;
    const documents = fieldsOf((await readBlobs(git, [blob])).get(blob) ?? new Uint8Array());
    known.set(blob, documents);
    return documents;
  };
}

async function originOf(
  { kind, fields, ...place }: DocumentPart,
  line: readonly ChangedFiles[],
  read: Read,
): Promise<PartOrigin | undefined> {
  let { name, file } = place;
  let said: string | undefined;
  for (const { by, files } of line) {
    const touched = files.find(({ path }) => path === file);
    if (touched === undefined) continue;
    const after = find(await read(touched.after), kind, name)?.said(fields);
    said ??= after;
    if (said === undefined || touched.after === undefined || after !== said) return undefined;
    const before = find(await read(touched.before), kind, name);
    if (before !== undefined) {
      if (before.said(fields) === said) continue;
      return { commit: by.commit, name, file, blob: touched.after, said };
    }
    const left = (await Promise.all(files.map((changed) => read(changed.after)))).flat();
    // One that stayed is another document, though it says the same.
    const from = await cameFrom(
      files,
      read,
      (document) =>
        document.kind === kind &&
        document.said(fields) === said &&
        (document.name === name || find(left, kind, document.name) === undefined),
    );
    if (from === undefined) return { commit: by.commit, name, file, blob: touched.after, said };
    [name, file] = [from.name, from.file];
  }
  return undefined;
}

function find(documents: readonly DocumentFields[], kind: string, name: string): DocumentFields | undefined {
  return documents.find((document) => document.kind === kind && document.name === name);
}

/** The document that the commit moved or renamed to what it is now. */
async function cameFrom(
  files: readonly ChangedFile[],
  read: Read,
  isIt: (document: DocumentFields) => boolean,
): Promise<{ readonly name: string; readonly file: string } | undefined> {
  for (const { path, before } of files) {
    const former = (await read(before)).find(isIt);
    if (former !== undefined) return { name: former.name, file: path };
  }
  return undefined;
}
