// Scans the exhibits of a file and writes the verdict of each as one JSON list: node scan.ts FILE
import { readFileSync } from "node:fs";
import { certificateScanner } from "../../../adapters/clients/tls/scan.ts";
import { judgeChain } from "../../../core/certificates/judge.ts";
import { instantOf } from "../../../core/model/instant.ts";
import type { Served } from "./comparison.ts";

// Written by the comparison alone.
const { root, endpoints } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Served;
const scanner = certificateScanner({ mayScan: () => true, roots: root, lookup: async () => ["127.0.0.1"] });
const { signal } = new AbortController();
const now = instantOf(Date.now() / 1000);
const verdicts = await Promise.all(
  endpoints.map(async ({ port }) => {
    const [scan] = await scanner.scan({ host: "localhost", port }, signal);
    if (scan === undefined || "failure" in scan) return [scan?.failure.code ?? "nothing"];
    const over = scan.chain.some(({ notAfter }) => notAfter <= now) ? ["expired"] : [];
    return [...judgeChain(scan, "localhost").map(({ code }) => code), ...over].toSorted();
  }),
);
process.stdout.write(JSON.stringify(verdicts));
