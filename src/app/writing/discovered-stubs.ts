import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { appendDocument } from "../../adapters/documents-editor/append-document.ts";
import { writeDocumentFile } from "../../adapters/documents-editor/write-file.ts";
import { codeownersOf } from "../../core/discovery/codeowners.ts";
import type { SeenThing } from "../../core/discovery/matched.ts";
import { type Stub, stubOf } from "../../core/discovery/stub.ts";
import type { Problem } from "../../core/documents/kinds.ts";
import { newText } from "./new-document.ts";
import { fileText, openWorkTree, type WorkTree } from "./work-tree.ts";

/** A file with stubs behind what it held before. */
export interface StubFile {
  /** Path in the repository. */
  readonly path: string;
  readonly source: string;
  readonly text: string;
  readonly added: number;
}

export interface WrittenStubs {
  readonly files: readonly StubFile[];
  /** What a person has to fill in, at its place. */
  readonly toFill: readonly Problem[];
}

/** Documents are read from files of at most 256 KB. */
const LONGEST_FILE = 200 * 1024;
const OWNERS = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/** Writes a stub for each of these to the work tree, below `registry/discovered/`. */
export function writeStubs(repo: string, strays: readonly SeenThing[]): WrittenStubs {
  const found = stubFiles(repo, strays);
  for (const { path, text } of found.files) writeDocumentFile(repo, path, text);
  return found;
}

/** The files that `writeStubs` would write. Nothing is written. */
export function stubFiles(repo: string, strays: readonly SeenThing[]): WrittenStubs {
  const tree = openWorkTree(repo);
  const taken = new Set([
    ...tree.read.documents.credentials.keys(),
    ...tree.read.invalid.flatMap(({ kind, name }) => (kind === "Credential" ? [name] : [])),
  ]);
  const owners = codeownersIn(repo);
  const teams = tree.read.documents.settings?.document.spec.teams ?? {};
  const files: StubFile[] = [];
  for (const [source, things] of Map.groupBy(strays, (thing) => thing.source)) {
    const path = `registry/discovered/${source}.yaml`;
    const world = { teams, codeowners: codeownersOf(owners, path) };
    const stubs = things.map((thing) => {
      const stub = stubOf(thing, world, (name) => !taken.has(name));
      taken.add(stub.name);
      return stub;
    });
    files.push(...filesOf(tree, source, stubs));
  }
  const others = tree.files.filter((file) => files.every(({ path }) => path !== file.path));
  const bytes = files.map(({ path, text }) => ({ path, bytes: new TextEncoder().encode(text) }));
  const { problems } = readDocuments([...others, ...bytes]);
  return { files, toFill: problems.filter(({ file }) => files.some(({ path }) => path === file)) };
}

/** Behind what is there, and in a further file where one is full. */
function filesOf(tree: WorkTree, source: string, stubs: readonly Stub[]): readonly StubFile[] {
  const files: StubFile[] = [];
  let rest = stubs.map(textOf);
  for (let number = 1; rest.length > 0; number += 1) {
    const path = `registry/discovered/${source}${number === 1 ? "" : `-${number}`}.yaml`;
    const before = fileText(tree, path) ?? "";
    let room = LONGEST_FILE - before.length;
    const fitting = rest.findIndex((text) => (room -= text.length + 4) < 0);
    const mine = fitting === -1 ? rest : rest.slice(0, fitting);
    rest = rest.slice(mine.length);
    if (mine.length === 0) continue;
    files.push({
      path,
      source,
      text: appendDocument(before, mine.join("---\n"), mine.length),
      added: mine.length,
    });
  }
  return files;
}

/** The document as its file has it, guesses marked at their lines. */
function textOf({ name, spec, notes, guesses }: Stub): string {
  const lines = newText({ kind: "Credential", name, spec }).split("\n");
  const marked = lines.map((line) => {
    const field = /^ {2}(\w+):/.exec(line)?.[1] ?? "";
    const guess = guesses.get(field);
    return guess === undefined ? line : `${line} # ${guess}`;
  });
  return [...notes.map((note) => `# ${note}`), ...marked].join("\n");
}

function codeownersIn(repo: string): string {
  const path = OWNERS.map((name) => join(repo, name)).find((name) => existsSync(name));
  return path === undefined ? "" : readFileSync(path, "utf8");
}
