// Puts the tables of the last test run into the page of proofs: node main.ts
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { withTables } from "./proof-page.ts";
import { type ProofTable, RESULTS } from "./proof-table.ts";

const PAGE = new URL("../../../.github/docs/proof.md", import.meta.url);

const tables = readdirSync(RESULTS)
  .filter((name) => name.endsWith(".json"))
  // Written by `writeProofTable` alone.
  .map((name) => JSON.parse(readFileSync(new URL(name, RESULTS), "utf8")) as ProofTable);
writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8"), tables));
process.stdout.write(`${tables.length} tables of the last test run are in .github/docs/proof.md\n`);
