import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const DOCUMENT = `apiVersion: cre/v1
kind: Credential
metadata: { name: partner-key }
spec:
  type: api-key
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  method: manual
  access:
    - { principal: partner, kind: external, purpose: PURPOSE } COMMENT
`;

function read(purpose: string, comment: string) {
  const text = DOCUMENT.replace("PURPOSE", purpose).replace("COMMENT", comment);
  return readDocuments([{ path: "registry/orders.yaml", bytes: new TextEncoder().encode(text) }]);
}

test("an allowed line passes and is listed with its reason", () => {
  const { problems, warnings, allowances, documents } = read(
    "reads 9f86d081884c7d659a2feaa0c55ad015",
    "# cre:allow-secret-looking the public id of their tenant",
  );
  expect([problems, warnings]).toEqual([[], []]);
  expect(documents.credentials.has("partner-key")).toBe(true);
  expect(allowances).toEqual([
    { file: "registry/orders.yaml", line: 11, reason: "the public id of their tenant" },
  ]);
});

test("an allowance is for its own line only", () => {
  const { problems } = read(
    "reads 9f86d081884c7d659a2feaa0c55ad015",
    "\n    # cre:allow-secret-looking the public id of their tenant",
  );
  expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual(["11 secret-looking"]);
});

test("an allowance without a reason is listed, too, and refused", () => {
  const { problems, allowances } = read(
    "reads 9f86d081884c7d659a2feaa0c55ad015",
    "# cre:allow-secret-looking",
  );
  expect(problems.map(({ code }) => code)).toEqual(["allowance-without-reason"]);
  expect(allowances).toEqual([{ file: "registry/orders.yaml", line: 11, reason: "" }]);
});
