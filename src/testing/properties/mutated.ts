import fc from "fast-check";

/** What breaks readers: characters that mean something, or nothing, or only half of it, and too much of anything. */
const PIECES: readonly string[] = [
  ..."{ } [ ] ( ) < > \" ' ` \\ / | & * ! ? : , . ; - --- ... # % @ ~ = + $ ^".split(" "),
  ..."null true NaN Infinity -0 1e999 0x10 9007199254740993 -1 .inf __proto__ constructor toString length".split(
    " ",
  ),
  ..."2026-02-30 9999-12-31T23:59:60Z 999999999w 0s \\ud800 \\u0000 ${x} {part} {part:uri} * **".split(" "),
  ..."metadata spec kind name <<: *a &a !!str !!js/function".split(" "),
  " ",
  "\n",
  "\r",
  "\r\n",
  "\t",
  "\0",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\u{1f511}",
  "a\u0301",
  "\u001b[31m",
  "x".repeat(5000),
  "9".repeat(400),
  "[".repeat(3000),
  '{"a":'.repeat(3000),
  "- ".repeat(3000),
  "*a".repeat(300),
  "( ".repeat(300),
  "\\".repeat(300),
];
const BYTES = [
  [0xff],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f],
  [0xfe, 0xff],
  [0x80, 0x80],
  [0xc0, 0xaf],
  [0x00],
];

const pieces = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...PIECES).map((piece) => Buffer.from(piece)) },
  { weight: 1, arbitrary: fc.constantFrom(...BYTES).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
);
type Step = readonly [what: number, at: number, length: number, piece: Buffer];
const steps = fc.array(fc.tuple(fc.nat(6), fc.nat(1_000_000), fc.nat(60), pieces), {
  minLength: 1,
  maxLength: 4,
});

function damaged(bytes: Buffer, [what, place, length, piece]: Step): Buffer {
  const at = place % (bytes.length + 1);
  const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (what) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, behind.subarray(length + 1)]);
    case 2:
      return Buffer.concat([before, behind.subarray(0, length), behind]);
    case 3:
      return Buffer.concat([before, piece, behind]);
    case 4:
      return Buffer.concat([before, piece, behind.subarray(piece.length)]);
    case 5:
      return Buffer.concat([behind, before]);
    default:
      return Buffer.concat([
        before,
        Buffer.from([(behind[0] ?? 0) ^ (1 << (length % 8))]),
        behind.subarray(1),
      ]);
  }
}

/** Samples that are right, with something wrong in each; now and then nothing but noise. */
export function mutated(samples: readonly string[]): fc.Arbitrary<Buffer> {
  const noise = fc.array(pieces, { maxLength: 12 }).map((parts) => Buffer.concat(parts));
  const sample = fc
    .tuple(fc.constantFrom(...samples), steps)
    .map(([text, all]) => all.reduce(damaged, Buffer.from(text)));
  return fc.oneof({ weight: 5, arbitrary: sample }, { weight: 1, arbitrary: noise });
}
