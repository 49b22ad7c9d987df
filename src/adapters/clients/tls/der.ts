/** One element of DER: its tag, its content, and both with the length, as they were signed. */
export interface Der {
  readonly tag: number;
  readonly content: Buffer;
  readonly raw: Buffer;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** The one element that `bytes` begin with. Throws where there is none, or it is cut off. */
export function readDer(bytes: Buffer): Der {
  const tag = bytes[0];
  const first = bytes[1];
  if (tag === undefined || first === undefined) throw new Error("DER ends early");
  const digits = first & 0x80 ? first & 0x7f : 0;
  if (digits > 4 || first === 0x80 || bytes.length < 2 + digits) throw new Error("DER has no such length");
  const length = digits === 0 ? first : bytes.readUIntBE(2, digits);
  const start = 2 + digits;
  if (bytes.length < start + length) throw new Error("DER ends early");
  return { tag, content: bytes.subarray(start, start + length), raw: bytes.subarray(0, start + length) };
}

/** More than anything has that is read before its signature was checked; a list of two-byte elements costs gigabytes. */
const MOST_MEMBERS = 10_000;

/** The elements of a constructed one. Throws where there are too many. */
export function membersOf(constructed: Der): readonly Der[] {
  const members: Der[] = [];
  for (const member of eachOf(constructed)) {
    if (members.length === MOST_MEMBERS) throw new Error("DER has too many members");
    members.push(member);
  }
  return members;
}

/** The same, however many, one by one. */
export function* eachOf({ content }: Der): Generator<Der, void> {
  for (let rest = content; rest.length > 0; ) {
    const member = readDer(rest);
    yield member;
    rest = rest.subarray(member.raw.length);
  }
}

/** The member at this place; throws where it is missing or another. */
export function memberAt(members: readonly Der[], at: number, tag: number): Der {
  const member = members[at];
  if (member?.tag !== tag) throw new Error("DER has another form");
  return member;
}

export function writeDer(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length < 0x100 ? 1 : body.length < 0x1_0000 ? 2 : 3;
  const length = Buffer.alloc(digits);
  length.writeUIntBE(body.length, 0, digits);
  return Buffer.concat([Buffer.from([tag, 0x80 | digits]), length, body]);
}

/** Seconds since 1970 of a UTCTime or GeneralizedTime in the form of RFC 5280; undefined: another form. */
export function epochOf({ tag, content }: Der): number | undefined {
  const text = content.toString("latin1");
  const short = tag === TAG.utcTime && /^\d{12}Z$/.test(text);
  const full = short ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(full);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at / 1000;
}
