import { readNamedFile } from "../../adapters/documents/named-file.ts";
import { readFramework } from "../../adapters/documents/read-framework.ts";
import { FRAMEWORK_TEXTS } from "../../adapters/documents/shipped-frameworks.ts";
import type { Framework } from "../../core/compliance/framework.ts";
import { isFrameworkFile, SHIPPED_FRAMEWORKS } from "../../core/compliance/shipped-names.ts";
import { type Documents, FOLDER_OF, type Problem } from "../../core/documents/kinds.ts";
import { SETTINGS_DEFAULTS } from "../../core/documents/settings.ts";
import { CreError } from "../../core/model/errors.ts";
import { nearest } from "../../core/text/nearest.ts";

/** Reads a file that the settings name; undefined: there is none. */
export type ReadNamed = (path: string) => Promise<Uint8Array | undefined> | Uint8Array | undefined;

export interface FrameworksRead {
  readonly frameworks: readonly Framework[];
  readonly problems: readonly Problem[];
}

/** The frameworks of the settings, in their order. A file that is missing or invalid is a problem, and left out. */
export async function frameworksOf(documents: Documents, read: ReadNamed): Promise<FrameworksRead> {
  const entries = documents.settings?.document.spec.reports?.frameworks ?? SETTINGS_DEFAULTS.frameworks;
  const frameworks = new Map<string, Framework>();
  const problems: Problem[] = [];
  for (const entry of new Set(entries)) {
    const found = isFrameworkFile(entry)
      ? await ownFramework(entry, documents, read)
      : shippedFramework(entry);
    if (found === undefined) continue; // settings with an unknown name are told by their own check
    if ("problems" in found) problems.push(...found.problems);
    else if (frameworks.has(found.framework.metadata.name)) problems.push(nameTaken(entry, found.framework));
    else frameworks.set(found.framework.metadata.name, found.framework);
  }
  return { frameworks: [...frameworks.values()], problems };
}

/** One framework by its name: of the settings, else one that is shipped. Throws a CreError. */
export function frameworkNamed(name: string, configured: readonly Framework[]): Framework {
  const own = configured.find(({ metadata }) => metadata.name === name);
  const shipped = own === undefined ? shippedFramework(name) : undefined;
  const found = own ?? (shipped !== undefined && "framework" in shipped ? shipped.framework : undefined);
  if (found !== undefined) return found;
  const known = [...new Set([...SHIPPED_FRAMEWORKS, ...configured.map(({ metadata }) => metadata.name)])];
  const near = nearest(name, known);
  throw new CreError("framework-unknown", `There is no framework \`${name}\`.`, {
    fix: near === undefined ? `There are ${known.join(", ")}.` : `Did you mean \`${near}\`?`,
  });
}

/** Files of the work tree. */
export function workTreeFiles(repo: string): ReadNamed {
  return (path) => {
    const text = readNamedFile(repo, path);
    return text === undefined ? undefined : Buffer.from(text, "latin1");
  };
}

type Found = ReturnType<typeof readFramework>;

function shippedFramework(name: string): Found | undefined {
  const shipped = SHIPPED_FRAMEWORKS.find((known) => known === name);
  return shipped === undefined
    ? undefined
    : readFramework(`frameworks/${shipped}.yaml`, new TextEncoder().encode(FRAMEWORK_TEXTS[shipped]));
}

async function ownFramework(path: string, { settings }: Documents, read: ReadNamed): Promise<Found> {
  const bytes = await read(path);
  if (bytes !== undefined) return readFramework(path, bytes);
  const place = { file: settings?.file ?? `${FOLDER_OF.Settings}/`, line: settings?.line ?? 1, column: 1 };
  const message = `\`reports.frameworks\` names ${path}, and there is no such file`;
  return {
    problems: [{ ...place, code: "framework-missing", message, fix: "add the file, or take the entry out" }],
  };
}

function nameTaken(file: string, { metadata }: Framework): Problem {
  const message = `another framework of \`reports.frameworks\` has the name ${metadata.name}`;
  return {
    file,
    line: 1,
    column: 1,
    code: "framework-name-taken",
    message,
    fix: "give it a name of its own",
  };
}
