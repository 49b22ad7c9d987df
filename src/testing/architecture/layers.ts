import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path/posix";
import type { ImportSite, ModuleText } from "./module-text.ts";

/** A broken rule, with its place and what to do about it. */
export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** What the modules of a layer may name beside modules of their own unit. */
interface Layer {
  readonly name: string;
  readonly mayImport: readonly string[];
  /** Packages that may be imported at all; absent: any. */
  readonly packages?: readonly string[];
  /** Packages that may be imported at once; the others only by `import type` or dynamically. Absent: any. */
  readonly eagerPackages?: readonly string[];
  readonly mayUseNode: boolean;
}

const LAYERS: readonly Layer[] = [
  { name: "core", mayImport: ["core"], packages: ["typebox", "canonicalize", "croner"], mayUseNode: false },
  { name: "runner", mayImport: ["core", "runner"], packages: ["p-limit"], mayUseNode: false },
  {
    name: "adapters",
    mayImport: ["core"],
    eagerPackages: ["ajv", "canonicalize", "croner", "js-yaml", "p-limit", "simple-git", "typebox", "yaml"],
    mayUseNode: true,
  },
  { name: "app", mayImport: ["core", "runner", "adapters", "app"], mayUseNode: true },
  { name: "cli", mayImport: ["core", "app", "cli"], packages: [], mayUseNode: true },
  {
    name: "action",
    mayImport: ["core", "app", "action"],
    packages: ["@actions/core", "@actions/github"],
    mayUseNode: true,
  },
  {
    name: "tools",
    mayImport: ["core", "runner", "adapters", "app", "cli", "action", "tools"],
    mayUseNode: true,
  },
];

/** Folders of `src/adapters` whose every subfolder is an adapter of its own that knows nothing of its neighbours. */
const ADAPTER_FAMILIES = new Set(["rotators", "deliveries", "channels", "discovery", "reporters", "forges"]);

/** How to speak to a platform or a peer: the one thing of `src/adapters` that every adapter may use. */
const CLIENTS = "src/adapters/clients";

/** Tests may import what they want, and so may everything in `src/testing`. */
export function isTest(path: string): boolean {
  return /\.i?test\.ts$/.test(path) || path.startsWith("src/testing/");
}

/** The path in the repository that a relative import names, or undefined for a package. */
export function targetOf(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? normalize(join(dirname(from), specifier)) : undefined;
}

/** Every import that crosses a border between layers, or between two adapters, the wrong way. */
export function layerViolations(modules: readonly ModuleText[]): Violation[] {
  return modules
    .filter(({ path }) => !isTest(path))
    .flatMap((module) =>
      module.imports.flatMap((site) => {
        const message = wrongWith(module.path, site);
        return message === undefined ? [] : [{ rule: "layers", path: module.path, line: site.line, message }];
      }),
    );
}

function wrongWith(path: string, site: ImportSite): string | undefined {
  const target = targetOf(path, site.specifier);
  if (path.startsWith("examples/")) {
    if (target === undefined || target.startsWith("examples/")) return undefined;
    return `an example stands alone, so that people can copy it: ${site.specifier} is outside examples/`;
  }

  const layer = LAYERS.find(({ name }) => name === layerOf(path));
  if (layer === undefined) {
    return path.startsWith("src/") ? `src/${layerOf(path)} is no layer of the design` : undefined;
  }
  if (target !== undefined) return wrongWithModule(path, layer, target);
  return wrongWithPackage(layer, site);
}

function wrongWithModule(path: string, layer: Layer, target: string): string | undefined {
  if (unitOf(path) === unitOf(target)) return undefined;
  if (!target.startsWith("src/")) return `${layer.name} imports ${target}, which is outside src/`;
  if (layer.mayImport.includes(layerOf(target))) return undefined;
  if (layer.name === "adapters" && layerOf(target) === "adapters") {
    if (target.startsWith(`${CLIENTS}/`)) return undefined;
    return `adapters know nothing of each other: ${target} belongs to ${unitOf(target)}; inject it from src/app`;
  }
  return `${layer.name} may import only ${layer.mayImport.join(", ")}: ${target} is in ${layerOf(target)}`;
}

function wrongWithPackage(layer: Layer, { specifier, kind }: ImportSite): string | undefined {
  if (specifier.startsWith("node:")) {
    return layer.mayUseNode
      ? undefined
      : `${layer.name} is free of Node: take what ${specifier} gives through a port`;
  }
  if (builtinModules.includes(specifier)) return `write node:${specifier}`;
  const name = packageOf(specifier);
  if (layer.packages !== undefined && !layer.packages.includes(name)) {
    return `${layer.name} may not import the package ${name}`;
  }
  const atOnce = kind === "value" || kind === "re-export";
  if (atOnce && layer.eagerPackages !== undefined && !layer.eagerPackages.includes(name)) {
    return `load ${name} by a dynamic import where it is used: most runs do not need it`;
  }
  return undefined;
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function layerOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** What a module may always import from: its layer, of an adapter its own folder. */
function unitOf(path: string): string {
  const parts = path.split("/");
  if (parts[1] !== "adapters") return parts.slice(0, 2).join("/");
  if (path.startsWith(`${CLIENTS}/`)) return CLIENTS;
  const depth = ADAPTER_FAMILIES.has(parts[2] ?? "") ? 4 : 3;
  return parts.slice(0, Math.min(depth, parts.length - 1)).join("/");
}

/**
 * Every cycle of imports, once, named by the modules on it. Imports of types count: a cycle of types, too, means that
 * neither module can be understood first.
 */
export function cycleViolations(modules: readonly ModuleText[]): Violation[] {
  const edges = new Map(
    modules.map(({ path, imports }) => [
      path,
      imports
        .filter(({ kind }) => kind !== "dynamic")
        .flatMap(({ specifier }) => targetOf(path, specifier) ?? []),
    ]),
  );
  const finished = new Set<string>();
  const found: Violation[] = [];

  function visit(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path);
    if (start !== -1) {
      const cycle = [...trail.slice(start), path];
      found.push({
        rule: "no-cycles",
        path,
        line: 1,
        message: `these import each other: ${cycle.join(" -> ")}`,
      });
      return;
    }
    if (finished.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  }

  for (const { path } of modules) visit(path, []);
  return found;
}
