import { expect, test } from "vitest";
import { credentialLines } from "../../../core/report/api/credential-lines.ts";
import { sampleReport } from "../../../testing/report/sample-report.ts";
import { columnsOf, lineAt } from "./columns.ts";

test("a row of the columns is the line of the API again", () => {
  const model = sampleReport();
  const lines = credentialLines(model);
  const columns = columnsOf(lines, model.identity.asOf);
  expect(lines.map((_, row) => lineAt(columns, row))).toEqual(lines);
});
