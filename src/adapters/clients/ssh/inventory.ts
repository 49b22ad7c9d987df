import { CreError } from "../../../core/model/errors.ts";

const INVENTORY_LIMIT = 500;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/;

/** A host of an inventory, and how the file writes it. */
interface InventoryHost {
  readonly text: string;
  readonly name: string;
  readonly port: number | undefined;
}

/** One host in each line, `#` begins a comment. Twice the same host is an error, as is anything else than hosts. */
export function readInventory(text: string, path: string): readonly InventoryHost[] {
  const hosts = new Map<string, InventoryHost>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const words = line.replace(/(^|\s)#.*$/, "").trim();
    if (words === "") continue;
    const [, name, port] = HOST.exec(words) ?? [];
    const number = port === undefined ? undefined : Number(port);
    if (name === undefined || (number !== undefined && (number < 1 || number > 65_535))) {
      throw new CreError("inventory", `${path}:${at + 1}: this is no \`host\` or \`host:port\``);
    }
    const key = words.toLowerCase();
    if (hosts.has(key)) throw new CreError("inventory", `${path}:${at + 1}: ${words} stands there twice`);
    hosts.set(key, { text: words, name: name.replaceAll(/[[\]]/g, ""), port: number });
  }
  if (hosts.size > 0 && hosts.size <= INVENTORY_LIMIT) return [...hosts.values()];
  const problem = hosts.size === 0 ? "no host" : `${hosts.size} hosts, and ${INVENTORY_LIMIT} is the most`;
  throw new CreError("inventory", `${path} names ${problem}`);
}
