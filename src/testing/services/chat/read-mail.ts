/** A mail as a program that shows it reads it. */
export interface ReadMail {
  /** Names in lower case; the value of a header that came more than once is that of the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** How many headers there are. */
  readonly headerCount: number;
  readonly text: string;
  readonly html: string;
}

/** Reads a mail of two alternative parts, by RFC 5322, 2045, 2046 and 2047. Throws where it is no such mail. */
export function readMail(raw: string): ReadMail {
  const { headers, count, body } = entityOf(raw);
  const [, boundary] = /boundary="?([^";]+)"?/.exec(headers.get("content-type") ?? "") ?? [];
  if (boundary === undefined) throw new Error("no mail of several parts");
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => entityOf(part.replace(/^\r\n/, "")));
  const part = (type: string) => {
    const found = parts.filter(({ headers: own }) => (own.get("content-type") ?? "").startsWith(type));
    const [only] = found;
    if (only === undefined || found.length !== 1) throw new Error(`not one part of ${type}`);
    return decoded(only.body, only.headers.get("content-transfer-encoding"));
  };
  if (parts.length !== 2) throw new Error(`${parts.length} parts`);
  return { headers, headerCount: count, text: part("text/plain"), html: part("text/html") };
}

function entityOf(raw: string) {
  const end = raw.indexOf("\r\n\r\n");
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]/g, " ")
    .split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(":");
      if (at < 1) throw new Error("a line that is no header");
      return [line.slice(0, at).toLowerCase(), words(line.slice(at + 1).trim())] as const;
    }),
  );
  return { headers, count: lines.length, body: raw.slice(end + 4) };
}

function words(value: string): string {
  return value
    .replaceAll(/(\?=)\s+(=\?)/g, "$1$2")
    .replaceAll(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      decoded(
        kind.toUpperCase() === "Q" ? text.replaceAll("_", " ") : text,
        kind.toUpperCase() === "Q" ? "quoted-printable" : "base64",
      ),
    );
}

function decoded(body: string, encoding: string | undefined): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replaceAll(/=\r\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
