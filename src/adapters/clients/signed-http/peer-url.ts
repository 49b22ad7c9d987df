import { CreError } from "../../../core/model/errors.ts";

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

type PeerKind = "webhook" | "external" | "keycloak";

const WORDS: Readonly<Record<PeerKind, string>> = {
  webhook: "webhook",
  external: "rotator",
  keycloak: "server",
};

/**
 * The address of a peer's connection, looked at once more where it is used: https, or http to this machine
 * itself, and no login in it. What a pattern takes for a host may be a login (`http://localhost:x@elsewhere`). `kind`
 * is the key of the connection, for the words of an error.
 */
export function peerUrl(kind: PeerKind, connection: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw refused(kind, connection, "is no URL", "write https://host/path");
  if (url.username !== "" || url.password !== "") {
    throw refused(
      kind,
      connection,
      "has a login in its URL",
      "remove it: the connection has fields of its own for what proves the runner",
    );
  }
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (!isSafe) {
    throw refused(
      kind,
      connection,
      "is not https",
      "write an https URL; http only reaches this machine itself",
    );
  }
  return url;
}

/** Without the URL: it may hold a login. */
function refused(kind: PeerKind, connection: string, problem: string, fix: string): CreError {
  return new CreError(`${kind}-url`, `the ${WORDS[kind]} of the connection ${connection} ${problem}`, {
    fix,
  });
}
