// Which Node the repository's own scripts run on. Plain JavaScript: it must load on old versions of Node, to say so.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 24;
/** With an older Node npm leaves out, without a word, the native parts of the linter and the test runner. */
const OLDEST_FOR_NPM = [20, 19];

/** Is the Node that runs this one new enough for the repository's scripts? */
export function isNewEnough(version = process.versions.node) {
  return Number(version.split(".")[0]) >= OLDEST_NODE;
}

/** Does npm install everything when it runs on this version of Node? */
export function isEnoughForNpm(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_FOR_NPM;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** What is wrong with the Node that runs npm itself, which only an npm script can tell; undefined if it will do. */
export function whyNpmIsTooOld(userAgent = process.env.npm_config_user_agent ?? "") {
  const [, version] = /\bnode\/v(\S+)/.exec(userAgent) ?? [];
  if (version === undefined || isEnoughForNpm(version)) return undefined;
  const oldest = OLDEST_FOR_NPM.join(".");
  return [
    `npm runs on Node ${version} here, and leaves out parts of our tools because they need ${oldest}.`,
    `Fix: install Node ${OLDEST_NODE} (or at least ${oldest}) on this machine, then \`npm ci\`.`,
    "",
  ].join("\n");
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
