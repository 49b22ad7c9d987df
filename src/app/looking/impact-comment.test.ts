import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImpactReport } from "../../core/impact/impact-report.ts";
import { credential, documents, policy } from "../../testing/evaluation/world.ts";
import { compared } from "../../testing/impact/compared.ts";
import { impactExample } from "../../testing/impact/example.ts";
import { IMPACT_MARKER, impactComment } from "./impact-comment.ts";

const HOSTILE = [
  "@everyone",
  "[x](javascript:alert(1))",
  "![x](https://evil.example/a.png)",
  "<img src=x onerror=alert(1)>",
  "</details><script>",
  "<!-- cre:impact -->",
  "a | b \\| c \\\\| d",
  "`code` ``` $x$ #12 GH-12 https://evil.example www.evil.example",
  "line\r\n\r\n# heading",
  "‮reversed",
  "::set-output name=x::y",
];
const words = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "grapheme", maxLength: 600 }));
const QUIET = compared(documents(), documents());

function hostileReport(text: string, rows: number): ImpactReport {
  const many = <T>(row: T): T[] => Array.from({ length: rows }, () => row);
  const place = { file: text, line: 1 };
  const finding = {
    ...place,
    code: text,
    level: "critical" as const,
    credential: text,
    policy: text,
    message: text,
    fix: text,
    fingerprint: "0".repeat(16),
    waivedBy: null,
  };
  return {
    ...QUIET,
    notes: [text],
    problems: many({ ...place, column: 1, code: text, message: text, fix: text }),
    risks: many({
      ...place,
      code: "target-changed",
      kind: "Credential",
      name: text,
      message: text,
      onHold: true,
    }),
    removed: many({ credential: text, retired: false, ...place }),
    renamed: many({ credential: text, formerName: text }),
    standings: many({
      credential: text,
      before: "compliant",
      after: "failing",
      exception: null,
      causes: [text, text],
    }),
    dueDates: many({
      credential: text,
      before: QUIET.asOf,
      after: null,
      days: null,
      direction: "later",
      loosening: true,
      causes: [text],
    }),
    findings: { appeared: many(finding), vanished: many(finding) },
    rotations: { follow: many({ credential: text, action: "start", reason: text }), noLonger: [] },
  };
}

/** What GitHub would make of the comment once code spans and escaped characters are plain text. */
function live(comment: string): string {
  return comment
    .split("\n")
    .map((line) => line.replaceAll(/\\[\s\S]/g, "").replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/g, ""))
    .join("\n");
}

describe("the comment of a pull request", () => {
  test("says so where nothing changes for compliance, in a few lines", () => {
    const comment = impactComment(QUIET);
    expect(comment.startsWith(`${IMPACT_MARKER}\n`)).toBe(true);
    expect(comment).toContain("**This change changes nothing for compliance.**");
    expect(comment.split("\n").length).toBeLessThan(10);
  });

  test("is the example that the page shows", () => {
    const page = readFileSync(new URL("../../../.github/docs/pull-requests.md", import.meta.url), "utf8");
    expect(page).toContain(impactComment(impactExample()));
  });

  test("never exceeds its bound, whatever it holds", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 400 }), (text, rows) => {
        expect(impactComment(hostileReport(text, rows)).length).toBeLessThanOrEqual(60_000);
      }),
      { numRuns: 12 },
    );
  });

  test("holds no mention, link, image or HTML of anybody's texts, and every row keeps its cells", () => {
    const ours = /<!-- cre:impact -->|<\/?(details|summary|sub|code|br)>|\[!(CAUTION|IMPORTANT|NOTE)\]/g;
    fc.assert(
      fc.property(words, (text) => {
        const comment = impactComment(hostileReport(text, 2));
        const left = live(comment).replaceAll(ours, "");
        expect(left).not.toMatch(/@[A-Za-z0-9]|\[|\]\(|<[a-z/!]|https?:\/\/|www\.|#\d|GH-\d/i);
        expect(comment.match(/^<!-- cre:impact -->/gm)).toHaveLength(1);
        const columns = comment
          .split("\n")
          .filter((line) => line.startsWith("|"))
          .map((line) => line.replaceAll(/\\./g, "").split("|").length);
        expect(new Set(columns).size).toBeLessThanOrEqual(3);
        for (const count of columns) expect(count).toBeLessThanOrEqual(7);
      }),
      { numRuns: 100 },
    );
  });

  test("shows the worst twenty, folds the next away and counts the rest", () => {
    const all = Array.from({ length: 300 }, (_, index) =>
      credential(`key-${String(index).padStart(3, "0")}`),
    );
    const keys = (rotateWithin: string) => policy("keys", { rotateWithin });
    const comment = impactComment(compared(documents(keys("90d"), ...all), documents(keys("60d"), ...all)));
    expect(comment).toContain("This change makes 300 credentials fail");
    expect(comment.length).toBeLessThanOrEqual(60_000);
    const table = comment.slice(comment.indexOf("#### Credentials"), comment.indexOf("#### Due dates"));
    const [shown = "", folded = ""] = table.split("<details>");
    expect(shown.match(/^\| `key-/gm)).toHaveLength(20);
    const more = folded.match(/^\| `key-/gm)?.length ?? 0;
    expect(more).toBeGreaterThan(0);
    expect(table).toContain(`<summary>${more} more</summary>`);
    expect(table).toContain(`… and ${280 - more} more.`);
  });
});
