import { describe, expect, test } from "vitest";
import {
  credential,
  documents,
  exception,
  policy,
  records,
  settings,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import { compared, problem, side } from "../../testing/impact/compared.ts";
import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { ImpactReport } from "./impact-report.ts";

// On 2026-03-15 a key of 2026-01-01 is due on 2026-04-01 by 90d, and was on 2026-03-02 by 60d.
const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "90d" });
const STRICT = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });
const A = credential("a");

function change(before: readonly Sourced[], after: readonly Sourced[]): ImpactReport {
  return compared(documents(...before), documents(...after));
}

describe("what a change does to compliance", () => {
  test("a stricter policy makes a key fail: numbers, cause, due date and finding say so", () => {
    const report = change(
      [KEYS, A, credential("b", { createdAt: "2026-03-01" })],
      [STRICT, A, credential("b", { createdAt: "2026-03-01" })],
    );
    expect(report.headline).toBe("This change makes 1 credential fail and moves 2 due dates earlier.");
    expect(report.compliance).toEqual({
      before: { population: 2, strict: 2, adjusted: 2, strictFraction: 1, adjustedFraction: 1 },
      after: { population: 2, strict: 1, adjusted: 1, strictFraction: 0.5, adjustedFraction: 0.5 },
    });
    expect(report.standings).toEqual([
      {
        credential: "a",
        before: "compliant",
        after: "failing",
        exception: null,
        causes: ["rotateWithin of the policy keys: 90d → 60d"],
      },
    ]);
    expect(report.dueDates).toMatchObject([
      { credential: "a", days: -30, direction: "earlier", loosening: false },
      { credential: "b", days: -30, direction: "earlier" },
    ]);
    expect(report.findings.appeared).toMatchObject([
      { code: "rotation-overdue", credential: "a", level: "critical" },
    ]);
    expect(report.findings.vanished).toEqual([]);
    expect(report.risks).toEqual([]);
  });

  test("a longer period is a high risk, is told once for all credentials, and as loosening for each", () => {
    const report = change([STRICT, A, credential("b")], [KEYS, A, credential("b")]);
    expect(report.risks).toMatchObject([
      {
        code: "policy-loosened",
        name: "keys",
        file: "policies/keys.yaml",
        line: 1,
        message: "rotateWithin: 60d → 90d",
      },
    ]);
    expect(report.dueDates.map(({ loosening, days }) => [loosening, days])).toEqual([
      [true, 30],
      [true, 30],
    ]);
    expect(report.headline).toBe(
      "This change moves 2 due dates later and makes 2 credentials compliant. Look at 1 high-risk change.",
    );
  });

  test.each<[string, Partial<Credential["spec"]>, string]>([
    ["createdAt", { createdAt: "2026-02-01" }, "createdAt: 2026-01-01 → 2026-02-01"],
    ["retiredAt", { retiredAt: "2026-03-01" }, "retiredAt: none → 2026-03-01"],
  ])("%s that moves a due date later is a high risk at its document", (_, spec, cause) => {
    const report = change([KEYS, A], [KEYS, credential("a", spec)]);
    expect(report.dueDates).toMatchObject([{ direction: "later", loosening: true, causes: [cause] }]);
    expect(report.risks).toMatchObject([{ code: "due-date-loosened", file: "registry/a.yaml", line: 1 }]);
    expect(report.risks[0]?.message).toContain(`(${cause})`);
  });

  test("labels that put a credential under a laxer policy are a high risk at its document", () => {
    const tier = (name: string, rotateWithin: string): Sourced =>
      policy(name, { match: { labels: { tier: name } }, rotateWithin });
    const of = (name: string): Sourced => credential("a", {}, { labels: { tier: name } });
    const policies = [tier("low", "300d"), tier("high", "90d")];
    const report = change([...policies, of("high")], [...policies, of("low")]);
    expect(report.dueDates).toMatchObject([{ loosening: true, causes: ["labels.tier: high → low"] }]);
    expect(report.risks).toMatchObject([{ code: "due-date-loosened" }]);
  });

  test("a rotation that people report moves the due date later and is no loosening", () => {
    const report = change([KEYS, A], [KEYS, credential("a", { rotatedAt: "2026-03-10" })]);
    expect(report.dueDates).toMatchObject([{ direction: "later", days: 68, loosening: false }]);
    expect(report.risks).toEqual([]);
  });

  test("a new exception counts as approved, whether documents or a forge say who approves", () => {
    for (const forge of [[], [settings({ forge: { kind: "github" } })]]) {
      const { approvedBy: _, ...spec } = exception("wait", { credentials: ["a"], policy: "keys" }).document
        .spec;
      const wait = exception("wait", {});
      const asked: Sourced = { ...wait, document: { ...wait.document, spec } };
      const report = change([STRICT, A, ...forge], [STRICT, A, ...forge, asked]);
      expect(report.standings).toMatchObject([{ before: "failing", after: "exempt", exception: "wait" }]);
      expect(report.compliance.after).toMatchObject({ strict: 0, adjusted: 1 });
      expect(report.findings.vanished).toMatchObject([{ code: "rotation-overdue", waivedBy: "wait" }]);
      expect(report.risks).toMatchObject([{ code: "exception-added", name: "wait" }]);
      expect(report.risks[0]?.message).toBe(
        "excepts a from the policy keys until 2026-04-01, once another person has approved it",
      );
    }
  });

  test("an exception that its requester approved counts for nothing", () => {
    const own = exception("wait", { credentials: ["a"], policy: "keys", approvedBy: "@Bob" });
    const report = change([STRICT, A], [STRICT, A, own]);
    expect(report.standings).toEqual([]);
    expect(report.findings.appeared).toMatchObject([{ code: "exception-self-approved" }]);
  });

  test("an exception of before that no forge knows of is approved by no other change", () => {
    const forge = settings({ forge: { kind: "github" } });
    const old = exception("wait", { credentials: ["a"], policy: "keys" });
    const report = change(
      [STRICT, A, forge, old],
      [STRICT, A, forge, old, credential("b", { createdAt: "2026-03-01" })],
    );
    expect(report.standings.map(({ credential: name }) => name)).toEqual(["b"]);
  });

  test("an exception that is taken away makes what it covered fail, and says why", () => {
    const wait = exception("wait", { credentials: ["a"], policy: "keys" });
    const report = change([STRICT, A, wait], [STRICT, A]);
    expect(report.standings).toMatchObject([
      { before: "exempt", after: "failing", causes: ["gone: the exception wait"] },
    ]);
  });
});

describe("what comes and goes", () => {
  test("a moved file is nothing", () => {
    const report = change([KEYS, A], [KEYS, { ...A, file: "registry/other.yaml", line: 20 }]);
    expect(report.headline).toBe("This change changes nothing for compliance.");
  });

  test("a rename by formerNames carries its record over and is no removal", () => {
    const state = records({ statuses: [status("a", { versions: [version("2026-02-01")] })] });
    const automated = { method: "automated" } as const;
    const report = compared(
      documents(KEYS, credential("a", automated)),
      documents(KEYS, credential("z", automated, { formerNames: ["a"] })),
      { state },
    );
    expect(report.renamed).toEqual([{ credential: "z", formerName: "a" }]);
    expect(report.headline).toBe("This change renames 1 credential.");
    expect(report.findings).toEqual({ appeared: [], vanished: [] });
    expect(report.dueDates).toEqual([]);
  });

  test("a finding that goes on under a new name neither appears nor goes away", () => {
    const report = change([STRICT, A], [STRICT, credential("z", {}, { formerNames: ["a"] })]);
    expect(report.findings).toEqual({ appeared: [], vanished: [] });
    expect(report.standings).toEqual([]);
  });

  test("a credential that is removed without retirement is called out where it stood", () => {
    const report = change([KEYS, A], [KEYS]);
    expect(report.removed).toEqual([{ credential: "a", retired: false, file: "registry/a.yaml", line: 1 }]);
    expect(report.risks).toMatchObject([{ code: "removed-without-retirement", file: "registry/a.yaml" }]);
    expect(report.headline).toContain("removes 1 credential that was never retired");
  });

  test("one that was retired may go, and one that is retired is no failure", () => {
    const retired = credential("a", { retiredAt: "2026-02-01" });
    expect(change([KEYS, retired], [KEYS])).toMatchObject({ risks: [], removed: [{ retired: true }] });
    expect(change([KEYS, A], [KEYS, retired])).toMatchObject({
      retired: [{ credential: "a", retiredAt: "2026-02-01T00:00:00Z" }],
      standings: [{ before: "compliant", after: "outside" }],
    });
  });

  test("a new credential that fails counts as one that fails", () => {
    const report = change([STRICT], [STRICT, A]);
    expect(report.added).toEqual([
      { credential: "a", standing: "failing", file: "registry/a.yaml", line: 1 },
    ]);
    expect(report.headline).toBe("This change makes 1 credential fail and adds 1 credential.");
  });
});

describe("what the next run would do", () => {
  const automated = credential("a", { method: "automated" });
  const state = records({ statuses: [status("a", { versions: [version("2026-01-01")] })] });
  const rotating = (rotateWithin: string, enforcement: "rotate" | "report" = "rotate") =>
    policy("keys", { rotateWithin, enforcement });

  test("a rotation follows where a credential becomes due", () => {
    const report = compared(documents(rotating("300d"), automated), documents(rotating("60d"), automated), {
      state,
    });
    expect(report.rotations).toEqual({
      follow: [{ credential: "a", action: "start", reason: "due 2026-03-02T00:00:00Z by keys" }],
      noLonger: [],
    });
  });

  test("a rotation no longer follows where nothing is enforced any more, with the reason", () => {
    const report = compared(
      documents(rotating("60d"), automated),
      documents(rotating("60d", "report"), automated),
      {
        state,
      },
    );
    expect(report.rotations).toEqual({
      follow: [],
      noLonger: [{ credential: "a", action: "start", reason: "no policy asks a run to rotate it any more" }],
    });
  });
});

describe("documents that are not valid", () => {
  test("one that is invalid now counts as it was, and is told", () => {
    const report = compared(
      side(documents(KEYS, A, credential("b"))),
      side(documents(KEYS, credential("b")), {
        invalid: [{ kind: "Credential", name: "a" }],
        darkFiles: new Set(["registry/a.yaml"]),
      }),
      { problems: [problem("registry/a.yaml")] },
    );
    expect(report).toMatchObject({ removed: [], risks: [], standings: [], problems: [{ line: 3 }] });
    expect(report.compliance.after.population).toBe(2);
  });

  test("what stood in a file that cannot be read, or below a folder that cannot, is not gone", () => {
    for (const dark of ["registry/a.yaml", "registry/"]) {
      const report = compared(
        side(documents(KEYS, A)),
        side(documents(KEYS), { darkFiles: new Set([dark]) }),
      );
      expect(report).toMatchObject({ removed: [], risks: [] });
    }
  });

  test("a policy that is invalid now leaves nobody unmatched", () => {
    const invalid = [{ kind: "Policy" as const, name: "keys" }];
    const report = compared(side(documents(KEYS, A)), side(documents(A), { invalid }));
    expect(report).toMatchObject({ standings: [], dueDates: [], risks: [] });
  });
});
