import fc from "fast-check";
import { expect, test } from "vitest";
import { appendDocument } from "./append-document.ts";
import { documentText } from "./yaml-text.ts";

const ADDED = "kind: Snooze\nmetadata: { name: s }\n";

const cases: readonly [what: string, before: string, after: string][] = [
  ["an empty file", "", ADDED],
  ["a byte order mark alone", "\ufeff", `\ufeff${ADDED}`],
  ["blanks without a line end", "\t ", `\t \n${ADDED}`],
  ["comments only", "# team payments\n", `# team payments\n${ADDED}`],
  ["one document", "kind: A\n", `kind: A\n---\n${ADDED}`],
  ["no last line end", "kind: A", `kind: A\n---\n${ADDED}`],
  ["a separator at the end", "kind: A\n---\n", `kind: A\n---\n${ADDED}`],
  ["an explicit end", "kind: A\n...\n", `kind: A\n...\n---\n${ADDED}`],
  ["Windows line ends", "kind: A\r\n", `kind: A\r\n---\r\n${ADDED.replaceAll("\n", "\r\n")}`],
  ["a comment at the end", "kind: A\n# end\n", `kind: A\n# end\n---\n${ADDED}`],
];
for (const [what, before, after] of cases) {
  test(`a document is put behind ${what}`, () => expect(appendDocument(before, ADDED)).toBe(after));
}

test("a file that ends in the middle of something is refused", () => {
  expect(() => appendDocument('kind: "A\n', ADDED)).toThrow(/without changing what it says/);
});

test("every byte that was there stays, whatever stands there", () => {
  const piece = fc.constantFrom(
    "kind: A\n",
    "---\n",
    "# c\n",
    "\n",
    "l:\n  - 1\n",
    "t: |\n  x\n",
    "\r\n",
    "x",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join("");
      let result: string;
      try {
        result = appendDocument(text, ADDED);
      } catch {
        return; // Malformed before, so nothing may be put behind it.
      }
      expect(result.startsWith(text)).toBe(true);
    }),
  );
});

test("a document is written in the layout of the examples", () => {
  const text = documentText({
    apiVersion: "cre/v1",
    kind: "Credential",
    metadata: { name: "orders-db", labels: { environment: "production" } },
    spec: {
      type: "api-key",
      owner: { team: "payments", contact: "payments@example.com" },
      access: [{ principal: "orders-api", kind: "service", purpose: "reads: all" }],
    },
  });
  expect(text).toBe(`apiVersion: cre/v1
kind: Credential
metadata:
  name: orders-db
  labels: { environment: production }
spec:
  type: api-key
  owner: { team: payments, contact: payments@example.com }
  access:
    - { principal: orders-api, kind: service, purpose: "reads: all" }
`);
});
