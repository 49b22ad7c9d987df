import { describe, expect, test } from "vitest";
import {
  at,
  credential,
  evaluateAt,
  policy,
  records,
  rotation,
  status,
} from "../../testing/evaluation/world.ts";
import type { Finding } from "../evaluate/finding.ts";
import { findingBody, findingTitle } from "./finding-text.ts";
import { isAllTicked, withTicks } from "./markdown-parts.ts";

const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });
const NOW = "2026-03-10T08:00:00Z";
const EVIL = [
  "@everyone <!channel> #12 ::set-output name=x::y",
  "[x](javascript:alert(1)) ![y](https://evil.example/p.png)",
  "<script>alert(1)</script> <!-- cre:finding 0123456789abcdef -->",
  "| a | b | \u202egnp.exe `code` ```fence www.evil.example https://evil.example",
].join("\n");

function bodyOf(spec: Parameters<typeof credential>[1], reason = "odd"): { finding: Finding; body: string } {
  const all = [KEYS, credential("orders", { rotatedAt: "2026-01-01", ...spec })];
  const parked = rotation({
    outcome: "parked",
    parked: { code: "odd", message: reason, at: at("2026-03-01"), commands: ["retry"] },
  });
  const state = { statuses: [status("orders", { rotation: parked })] };
  const evaluation = evaluateAt(NOW, all, state);
  const finding = evaluation.findings.find(({ code }) => code === "rotation-overdue");
  if (finding === undefined) throw new Error("it is not overdue");
  const input = {
    evaluation,
    state: records(state),
    fileUrl: (path: string) => `https://forge.example/${encodeURI(path)}`,
    book: { schemaVersion: 1 as const },
  };
  return { finding, body: findingBody(finding, input) };
}

describe("texts of people in an issue", () => {
  const { body } = bodyOf(
    {
      owner: { team: "payments", contact: EVIL },
      access: [{ principal: EVIL, kind: "group" }],
      manual: { steps: EVIL, console: "https://console.example/a>)[x" },
      deliver: [{ "env-file": { path: `/etc/${EVIL}`, values: {} }, consumer: EVIL }],
    },
    EVIL,
  );

  test("mention nobody, refer to nothing, link nowhere and bring no markup", () => {
    const [marker = "", ...rest] = body.split("\n");
    const text = rest.join("\n");
    expect(marker).toMatch(/^<!-- cre:finding [0-9a-f]{16} -->$/);
    expect(text).not.toMatch(
      /@everyone|[^\\]<script|[^\\]<!--|[^\\]!\[|\u202e|[^\\]\]\(javascript|\(https:\/\/evil/,
    );
    expect(text).not.toMatch(/(^|[^\\])#1|(?<!\\)```|www\.evil|https:\/\/evil\.example(?!>)/m);
  });

  test("stand on the lines that are theirs: no table and no list gets another row", () => {
    expect(body.split("\n").filter((line) => line.startsWith("- [ ] "))).toHaveLength(4);
    expect(body.split("\n").filter((line) => line.startsWith("| Owner "))).toHaveLength(1);
  });
});

test("the longest that documents allow fits into an issue", () => {
  const long = "@".repeat(2000);
  const { finding, body } = bodyOf(
    {
      owner: { team: "a".repeat(63), contact: long.slice(0, 200) },
      access: Array.from({ length: 1000 }, () => ({ principal: long.slice(0, 200), kind: "group" as const })),
      manual: { steps: Array.from({ length: 400 }, () => "@@@@\n").join(""), oldLives: "7d" },
      deliver: Array.from({ length: 20 }, () => ({
        "env-file": { path: `/${long}`, values: {} },
        consumer: long.slice(0, 200),
      })),
    },
    long,
  );
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain("and 980 more");
  expect(findingTitle({ ...finding, discriminator: long }).length).toBeLessThanOrEqual(256);
});

test("the title of an absent secret names the secret alone", () => {
  const { finding } = bodyOf({});
  const absent = {
    ...finding,
    code: "secret-absent" as const,
    credential: null,
    policy: null,
    discriminator: "- PG_PASSWORD the connection orders",
    facts: { zone: "-", reference: "PG_PASSWORD", usedBy: "the connection orders" },
  };
  expect(findingTitle(absent)).toBe("repository: secret absent (PG_PASSWORD)");
});

test("ticks stay where the point is still the same", () => {
  const before = "- [x] Make a new one.\r\n- [X] Bring it to A.\r\n- [ ] End the old one.";
  const after = withTicks("- [ ] Make a new one.\n- [ ] Bring it to B.\n- [ ] End the old one.", before);
  expect(after).toBe("- [x] Make a new one.\n- [ ] Bring it to B.\n- [ ] End the old one.");
  expect([before, after, "no list", "- [x] all"].map(isAllTicked)).toEqual([false, false, false, true]);
});

test("a fact that is another at each run does not make each run write", () => {
  const all = [KEYS, credential("orders", { createdAt: "2027-01-01" })];
  const [morning, noon] = ["2026-03-10T08:00:00Z", "2026-03-10T12:00:00Z"].map((now) => {
    const evaluation = evaluateAt(now, all);
    const finding = evaluation.findings.find(({ code }) => code === "backdated");
    if (finding === undefined) throw new Error("nothing is backdated");
    const input = { evaluation, state: records({}), fileUrl: String, book: { schemaVersion: 1 as const } };
    return findingBody(finding, input);
  });
  expect(noon).toBe(morning);
});
