import { isFrameworkFile } from "../../compliance/shipped-names.ts";
import type { Sourced } from "../kinds.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { documentsIn } from "./index-documents.ts";

/** Files of the repository that documents name are inside it, as written. */
export function checkFileReferences({ documents }: CheckInput): readonly Fault[] {
  return documentsIn(documents).flatMap((source) =>
    referencesOf(source).flatMap(([path, value]): Fault[] => {
      if (value === undefined || isInside(value)) return [];
      return [
        {
          source,
          path,
          code: "file-outside",
          message: `${fieldOf(path)} is no path inside this repository`,
          fix: "write it from the root of the repository, with `/` and without `..`, such as certs/db.pem",
        },
      ];
    }),
  );
}

/** Files of the repository that documents name, each once, sorted. */
export function filesNamedBy(documents: CheckInput["documents"]): readonly string[] {
  const named = documentsIn(documents).flatMap((source) =>
    referencesOf(source).flatMap(([, path]) => path ?? []),
  );
  return [...new Set(named)].filter(isInside).toSorted();
}

function referencesOf({ document }: Sourced): readonly (readonly [FieldPath, string | undefined])[] {
  if (document.kind === "Settings") {
    const { network, forge, channels = {}, reports, discovery = [] } = document.spec;
    return [
      [["spec", "network", "ca"], network?.ca],
      [["spec", "forge", "ca"], forge?.ca],
      ...(reports?.frameworks ?? []).flatMap((entry, at) =>
        isFrameworkFile(entry) ? [[["spec", "reports", "frameworks", at], entry] as const] : [],
      ),
      ...discovery.map(
        (entry, at) =>
          [
            ["spec", "discovery", at, "authorized-keys", "inventory", "file"],
            entry["authorized-keys"]?.inventory?.file,
          ] as const,
      ),
      ...Object.entries(channels).flatMap(([name, spec]) =>
        (["slack", "webhook", "smtp"] as const).map(
          (kind) => [["spec", "channels", name, kind, "ca"], spec[kind]?.ca] as const,
        ),
      ),
    ];
  }
  if (document.kind === "Credential") {
    const { csr, "authorized-keys": ssh } = document.spec.provider ?? {};
    return [
      [["spec", "provider", "csr", "certificate"], csr?.certificate],
      [["spec", "provider", "authorized-keys", "inventory", "file"], ssh?.inventory?.file],
      // Absolute ones are files of the runner's host, and another check's.
      ...(document.spec.certificateFiles ?? []).flatMap((path, at) =>
        path.startsWith("/") ? [] : [[["spec", "certificateFiles", at], path] as const],
      ),
    ];
  }
  if (document.kind !== "Connection") return [];
  const { postgresql, webhook, kubernetes, github, acme, ssh, external } = document.spec;
  return [
    [["spec", "postgresql", "tls", "ca"], postgresql?.tls?.ca],
    [["spec", "webhook", "ca"], webhook?.ca],
    [["spec", "kubernetes", "ca"], kubernetes?.ca],
    [["spec", "github", "ca"], github?.ca],
    [["spec", "acme", "ca"], acme?.ca],
    [["spec", "ssh", "knownHosts"], ssh?.knownHosts],
    [["spec", "external", "ca"], external?.ca],
  ];
}

/** The field's own key; an entry of a list is told by its list. */
function fieldOf(path: FieldPath): string {
  return `\`${path.findLast((part) => typeof part === "string")}\``;
}

function isInside(path: string): boolean {
  if (path.startsWith("/") || path.includes("\\") || /^[A-Za-z]:/.test(path) || /\p{Cc}/u.test(path)) {
    return false;
  }
  const steps = path.split("/");
  return !steps.includes("..") && !steps.includes("") && steps[0] !== ".git";
}
