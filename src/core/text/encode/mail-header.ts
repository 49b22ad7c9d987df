import { plainLine } from "../plain-line.ts";

/** The value of a header of a mail, on one line: no other header, recipient or body can begin in it. */
export function mailHeader(text: string, most = 200): string {
  return plainLine(text, most);
}

/** A name and an address of a mail. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const ADDRESS = new RegExp(`^${ATOM}(?:\\.${ATOM})*@${LABEL}(?:\\.${LABEL})*$`);

/**
 * One mailbox, as `mail@example.com` or `Name <mail@example.com>`. Undefined for anything that could be read as more
 * than one, and for the forms that nobody uses (quoted, comments, address literals).
 */
export function mailboxOf(text: string): Mailbox | undefined {
  const parts = /^([^<>@,;:"\\]*)<([^<>\s]+)>$/.exec(text);
  const [, name = "", address = ""] = parts ?? [undefined, "", text];
  if (address.length > 254 || address.indexOf("@") > 64 || !ADDRESS.test(address)) return undefined;
  // What is not plain is no name that anybody wrote on purpose.
  return plainLine(name) === name.trim() ? { name: name.trim(), address } : undefined;
}
