import { canonicalName } from "../certificates/server-name.ts";

/** Of one file: whoever writes more of them writes no configuration. */
const MOST = 500;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const NAME = `(?:${LABEL}\\.)+[A-Za-z]{2,24}`;
const HTTPS = new RegExp(`\\bhttps://(${NAME})(?::(\\d{1,5}))?(?![A-Za-z0-9.-])`, "g");
const PLAIN = new RegExp(`(?<![A-Za-z0-9@/._-])(${NAME}):(\\d{1,5})(?![A-Za-z0-9:.-])`, "g");
/** Names that are nobody's, and stand in texts as examples (RFC 2606, RFC 6761). */
const EXAMPLES = /(^|\.)(example|invalid|test|localhost|local)$|(^|\.)example\.(com|net|org)$/;

/**
 * Hosts with a port and https addresses in the text of a configuration file, each once, as `host:port`. Names with a dot
 * only: what else looks like `word:number` is no host more often than not.
 */
export function endpointsInText(text: string): readonly string[] {
  const found = new Set<string>();
  const add = (name: string, port: number): void => {
    const host = canonicalName(name);
    if (port >= 1 && port <= 65_535 && !EXAMPLES.test(host) && found.size < MOST) {
      found.add(`${host}:${port}`);
    }
  };
  for (const [, name = "", port = "443"] of text.matchAll(HTTPS)) add(name, Number(port));
  for (const [, name = "", port = ""] of text.matchAll(PLAIN)) add(name, Number(port));
  return [...found].toSorted();
}
