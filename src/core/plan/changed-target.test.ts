import { describe, expect, it } from "vitest";
import { record, situation } from "../../testing/engine/record.ts";
import {
  at,
  connection,
  credential,
  documents,
  evaluateAt,
  incident,
  only,
  policy,
  records,
  settings,
  sha256,
  status,
  told,
  version,
} from "../../testing/evaluation/world.ts";
import { findingText } from "../evaluate/message.ts";
import { learnTargets } from "../reviews/learn-targets.ts";
import { nextMove } from "../rotation/decide.ts";
import type { Incident } from "../state/facts.ts";
import type { Course } from "./course.ts";
import { planCourses } from "./plan-run.ts";

const NOW = at("2026-06-01");
const SETTINGS = settings({ forge: { kind: "github" } });
const KEYS = policy("keys", { rotateWithin: "30d", enforcement: "rotate" });
const ORDERS = credential("orders", {
  method: "automated",
  provider: { "aws-iam": { connection: "cloud", user: "orders" } },
  deliver: [{ webhook: { connection: "hook" } }],
});
const CLOUD = connection("cloud", { aws: { region: "eu-central-1" } });
const hook = (host: string) =>
  connection("hook", { webhook: { url: `https://${host}/`, key: { id: "k", secret: { env: "KEY" } } } });

function toldOf({ item: { action, reason, notBefore }, act }: Course) {
  return { action, reason, notBefore, act: act?.kind };
}

/** What a run would do with a credential that is overdue, and whose target is what it was or was changed. */
function world(host: string, incidents: readonly Incident[] = []) {
  const input = {
    documents: documents(ORDERS, CLOUD, hook("good"), SETTINGS),
    commit: "c0",
    now: NOW,
    sha256,
  };
  const { targets = {} } = learnTargets(undefined, input, new Map());
  const state = {
    statuses: [status("orders", { versions: [version("2026-01-01")] })],
    incidents,
    books: { reviews: { schemaVersion: 1 as const, targets } },
  };
  const all = [ORDERS, CLOUD, hook(host), SETTINGS, KEYS];
  const evaluation = evaluateAt(NOW, all, state);
  const courses = planCourses({
    evaluation,
    documents: documents(...all),
    state: records(state),
    now: NOW,
    valid: true,
    capabilities: () => ({
      able: true,
      recipe: "overlap",
      identity: "aws-iam/orders",
      shape: { staging: 1, pushing: 0 },
      triesPending: false,
    }),
  });
  return { evaluated: only(evaluation), plan: courses.map(toldOf) };
}

describe("a credential whose target was changed", () => {
  it("does not start, and its plan says why and what ends that is no instant", () => {
    expect(world("good").plan).toMatchObject([{ action: "start", act: "open" }]);
    expect(world("evil").plan).toMatchObject([
      {
        action: "wait",
        reason: "held by change-of-hook: connection hook was changed: no run has recorded that yet",
        notBefore: null,
        act: undefined,
      },
    ]);
  });

  it("has the finding of that in place of the one of a hold", () => {
    const { evaluated } = world("evil");
    expect(told(evaluated)).toEqual(["rotation-overdue critical", "target-changed warning"]);
    const finding = evaluated.findings.find(({ code }) => code === "target-changed");
    expect(finding && findingText(finding)).toEqual({
      message:
        "Where the secret of orders comes from or goes to was changed, and it is not rotated until that is in force: connection hook was changed: no run has recorded that yet.",
      fix: "Have another person approve the change that brought it (the next run asks again), or take it back: then it goes on at once.",
    });
  });

  it("starts in an emergency", () => {
    const { plan } = world("evil", [incident("i", "orders", "2026-05-31")]);
    expect(plan).toMatchObject([{ action: "start", act: "open" }]);
  });
});

describe("an open rotation whose target was changed", () => {
  const gates = {
    hold: { name: "change-of-hook", until: undefined, reason: "nobody approved it" },
    freeze: undefined,
    window: undefined,
  };

  it("rests before its next forward effect, without an instant", () => {
    const move = nextMove(record({ step: "promote" }), situation({ gates }));
    expect(move).toMatchObject({ kind: "rest" });
    const wait = move.kind === "rest" ? move.status.rotation?.wait : undefined;
    expect(wait).toEqual({ why: "hold", detail: "change-of-hook: nobody approved it" });
  });

  it.each(["abort", "reactivate"] as const)("goes on with %s", (step) => {
    expect(nextMove(record({ step }), situation({ gates }))).toMatchObject({ kind: "effect", step });
  });
});
