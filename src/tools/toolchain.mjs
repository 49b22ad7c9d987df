// Which Node the repository's own scripts run on. Plain JavaScript: it must load on old versions of Node, to say so.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 24;

/** Is the Node that runs this one new enough for the repository's scripts? */
export function isNewEnough(version = process.versions.node) {
  return Number(version.split(".")[0]) >= OLDEST_NODE;
}

/** The Node that `npm ci` brought, else the machine's own if it is new enough, else undefined. */
export function nodeForScripts(root) {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const brought = fileURLToPath(new URL(`node_modules/node/bin/${name}`, root));
  if (existsSync(brought)) return brought;
  return isNewEnough() ? process.execPath : undefined;
}

/** For a person whose install ran no scripts: the problem, the evidence, the fix. */
export function whatIsMissing() {
  const blocked = process.env.npm_config_ignore_scripts === "true";
  const cause = blocked
    ? "npm is told to run no install scripts here (ignore-scripts=true)."
    : "its install script did not run, or failed.";
  return [
    `This needs Node ${OLDEST_NODE} or newer; it runs on ${process.versions.node} (${process.execPath}).`,
    `\`npm ci\` brings the right one with the package \`node\`, but ${cause}`,
    `Fix: \`npm ci --ignore-scripts=false\`, or install Node ${OLDEST_NODE} on this machine.`,
    "",
  ].join("\n");
}
