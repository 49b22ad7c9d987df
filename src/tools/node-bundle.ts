import type { BuildOptions } from "esbuild";
import { COMPILED_VALIDATORS } from "./compiled-validators.ts";

/**
 * How sources and the packages that they use become modules for Node: one file for each entry, and a chunk for each
 * thing that is loaded when it is first needed.
 */
export const NODE_BUNDLE = {
  // Also without a package.json beside it that says so, the file is a module.
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  minify: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // A package of the older module system that is loaded when it is first needed would have no names but `default`.
  mainFields: ["module", "main"],
  // Native and optional parts of packages, which do without them.
  external: ["cpu-features", "pg-native"],
  loader: { ".node": "empty" },
  // What packages of the older module system ask for.
  banner: {
    js: [
      'import{createRequire as creRequire}from"node:module"',
      "const require=creRequire(import.meta.url)",
      "const __filename=import.meta.filename",
      "const __dirname=import.meta.dirname;",
    ].join(";"),
  },
  plugins: [COMPILED_VALIDATORS],
  logLevel: "warning",
} satisfies BuildOptions;
