const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/**
 * The URL that a text is, if a secret may be sent there: https, or http to this machine itself, and no login in it. What
 * a pattern takes for a host may be a login (`http://localhost:x@elsewhere`). Undefined for anything else.
 */
export function loopbackOrTls(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  return isSafe ? url : undefined;
}
