import type { X509Certificate } from "node:crypto";
import { certificateParts } from "../certificate-parts.ts";
import { type Der, eachOf, epochOf, membersOf, readDer, TAG } from "../der.ts";
import type { Standing } from "./ocsp.ts";
import { isOver, isSignedBy, reasonText } from "./signed-statement.ts";

const REASON_CODE = Buffer.from("0603551d15", "hex");
const BEGIN = "-----BEGIN";

/** A list of revoked certificates (RFC 5280), in DER or PEM, that one issuer signed. */
export class RevocationList {
  readonly #entries = new Map<string, Der>();
  readonly #nextUpdate: number | undefined;

  /** Undefined: it is none, or this issuer did not sign it. */
  static read(bytes: Buffer, issuer: X509Certificate): RevocationList | undefined {
    try {
      const [list, algorithm, signature] = membersOf(readDer(derOf(bytes)));
      if (list === undefined) return undefined;
      const names = membersOf(list).filter(({ tag }) => tag === TAG.sequence);
      if (names[1]?.raw.equals(certificateParts(issuer).subject) !== true) return undefined;
      if (!isSignedBy(list, algorithm, signature, issuer)) return undefined;
      return new RevocationList(list);
    } catch {
      return undefined;
    }
  }

  private constructor(list: Der) {
    // Signature algorithm and issuer come first; the entries are the third sequence, if anything is revoked at all.
    const members = membersOf(list);
    const entries = members.filter(({ tag }) => tag === TAG.sequence)[2];
    const next = members.filter(({ tag }) => tag === TAG.utcTime || tag === TAG.generalizedTime)[1];
    this.#nextUpdate = next === undefined ? undefined : epochOf(next);
    for (const entry of entries === undefined ? [] : eachOf(entries)) {
      this.#entries.set(readDer(entry.content).content.toString("hex"), entry);
    }
  }

  /** Undefined: it is not on the list, but the list is over at `now` (seconds since 1970), and a newer one may have it. */
  standingOf(certificate: X509Certificate, now: number): Standing | undefined {
    const entry = this.#entries.get(certificateParts(certificate).serial.toString("hex"));
    if (entry === undefined) return isOver(this.#nextUpdate, now) ? undefined : { kind: "good" };
    const [, time, extensions] = membersOf(entry);
    const at = time === undefined ? undefined : epochOf(time);
    return at === undefined ? { kind: "good" } : { kind: "revoked", at, reason: reasonIn(extensions) };
  }
}

function reasonIn(extensions: Der | undefined): string | undefined {
  const found = (extensions === undefined ? [] : membersOf(extensions)).find(({ content }) =>
    content.subarray(0, REASON_CODE.length).equals(REASON_CODE),
  );
  const value = found === undefined ? undefined : membersOf(found).at(-1);
  return value?.tag === TAG.octets ? reasonText(readDer(value.content)) : undefined;
}

function derOf(bytes: Buffer): Buffer {
  if (bytes.subarray(0, BEGIN.length).toString("latin1") !== BEGIN) return bytes;
  const text = bytes.toString("latin1").replaceAll(/-----[^-]*-----/g, "");
  return Buffer.from(text, "base64");
}
