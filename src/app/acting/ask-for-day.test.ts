import { expect, test } from "vitest";
import { readDocuments } from "../../adapters/documents/read-documents.ts";
import { credential } from "../../testing/evaluation/world.ts";
import { askForDay } from "./ask-for-day.ts";

const FILE = `# keys of the shop
apiVersion: cre/v1
kind: Credential
metadata: { name: other }
spec: { type: api-key, service: shop, owner: { team: web, contact: web@example.com }, createdAt: 2026-01-01, method: manual, rotatedAt: 2026-02-01 }
---
apiVersion: cre/v1
kind: Credential
metadata: { name: orders } # the one
spec:
  type:    api-key
  service: shop
  owner: { team: web, contact: web@example.com }
  createdAt: 2026-01-01
  method: manual
  access: []      # nobody
  # the last time:
  expiresAt: 2027-01-01
`;

function asked(file: string): string {
  return askForDay(
    new TextEncoder().encode(file),
    credential("orders", { expiresAt: "2027-01-01" }).document,
  );
}

test("the day is asked for in the one document, and every other byte is as it was", () => {
  const text = asked(FILE);
  const added = "  rotatedAt: DAY-OF-ROTATION\n";
  expect(text.replace(added, "")).toBe(FILE);
  const filled = FILE.replace(
    "  # the last time:\n",
    "  # the last time:\n  rotatedAt: 2026-01-05 # by bob\n",
  );
  expect(asked(filled)).toBe(filled.replace("2026-01-05", "DAY-OF-ROTATION"));
});

test("a proposal that nobody filled in is refused at its place, with what to write; a filled one is valid", () => {
  const read = (text: string) =>
    readDocuments([{ path: "registry/shop.yaml", bytes: new TextEncoder().encode(text) }]);
  const text = asked(FILE);
  const line = text.split("\n").findIndex((row) => row.includes("DAY-OF-ROTATION")) + 1;
  expect(read(text).problems).toEqual([
    {
      file: "registry/shop.yaml",
      line,
      column: 14,
      code: "date-to-fill",
      message: "`spec.rotatedAt` still waits for a day",
      fix: "write the day of the rotation in place of DAY-OF-ROTATION, such as 2026-11-23",
    },
  ]);
  expect(read(text.replace("DAY-OF-ROTATION", "2026-03-09")).problems).toEqual([]);
});

test("a file that is no text is refused", () => {
  expect(() => askForDay(new Uint8Array([0xff, 0xfe]), credential("orders").document)).toThrow(
    /is no UTF-8 text/,
  );
});
