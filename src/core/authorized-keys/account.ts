import { globMatches } from "../text/glob.ts";

/**
 * The public identity of a credential in an account's `authorized_keys`. With a `handle` it is one key among others of
 * the file; without one the file belongs to the credential alone.
 */
export function accountKey(place: string, user: string, handle: string | undefined): string {
  return `authorized-keys/${place}/${user}${handle === undefined ? "" : `/${handle}`}`;
}

/**
 * Why a connection's `allow.objects` does not let in an account: a pattern with `@` is about `user@host`, one without
 * about the account on every host of the connection. root is let in only where it stands as such: no `*` means it.
 * Without a `host`, as in the pattern of an inventory, whatever follows the `@` may come true.
 */
export function accountRefusal(
  objects: readonly string[] | undefined,
  user: string,
  host: string | undefined,
): { readonly code: string; readonly message: string; readonly fix: string } | undefined {
  const account = host === undefined ? user : `${user}@${host}`;
  if (objects === undefined) {
    return {
      code: "objects-missing",
      message: `must say whose keys a document may change: ${account} is not among them`,
      fix: `ask its owners for \`allow: { objects: ["${account}"] }\``,
    };
  }
  if (objects.some((pattern) => patternAllows(pattern, user, host))) return undefined;
  return {
    code: "connection-not-allowed",
    message: `does not allow ${account}`,
    fix: `ask its owners to add "${account}" to \`allow.objects\`${user === "root" ? " (a `*` never means root)" : ""}`,
  };
}

function patternAllows(pattern: string, user: string, host: string | undefined): boolean {
  const at = pattern.indexOf("@");
  const forUser = at === -1 ? pattern : pattern.slice(0, at);
  const isUser = user === "root" ? forUser === "root" : globMatches(forUser, user);
  return isUser && (at === -1 || host === undefined || globMatches(pattern.slice(at + 1), host));
}
