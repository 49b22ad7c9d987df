import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import type { Review, ReviewedChange } from "../ports/forge.ts";
import { type Declared, judge } from "./judge.ts";

/** `carol approved v2 12:00`: who, what, which commit of the change, at what time of the day. */
function review(text: string): Review {
  const [by = "", state = "", commit = "v2", time = "10:00"] = text.split(" ");
  // `as`: the tables below use the words of the port.
  return { by, state: state as Review["state"], commit, at: at(`2026-03-10T${time}:00Z`) };
}

/** Opened and written by bob, merged at eleven; its head is v2, which is what was merged. */
function change(reviews: readonly string[], fact: Partial<ReviewedChange> = {}): ReviewedChange {
  return {
    number: 12,
    url: "https://github.example/acme/registry/pull/12",
    author: "bob",
    head: "v2",
    mergedAt: at("2026-03-10T11:00:00Z"),
    mergedBy: "dave",
    contributors: ["bob"],
    hasUnknownContributor: false,
    reviews: reviews.map(review),
    ...fact,
  };
}

interface Case {
  readonly reviews?: readonly string[];
  readonly fact?: Partial<ReviewedChange>;
  readonly declared?: Declared;
  /** Commits of the change that have the document as it was merged; default v2 alone. */
  readonly same?: readonly string[];
}

function judged({ reviews = [], fact = {}, declared = { requestedBy: "bob" }, same = ["v2"] }: Case) {
  return judge(change(reviews, fact), declared, (commit) => same.includes(commit));
}

describe("an approval counts", () => {
  const CARDS: readonly [string, Case][] = [
    ["of another person who looked at what was merged", { reviews: ["carol approved"] }],
    [
      "after that person first asked for changes",
      { reviews: ["carol changes-requested v1", "carol approved"] },
    ],
    ["when a comment follows it", { reviews: ["carol approved", "carol commented"] }],
    ["beside the author's own", { reviews: ["bob approved", "carol approved"] }],
    ["beside somebody else's request for changes", { reviews: ["dave changes-requested", "carol approved"] }],
    ["given again after a dismissal", { reviews: ["carol dismissed v1", "carol approved"] }],
    ["of an older commit that a push left alone", { reviews: ["carol approved v1"], same: ["v1", "v2"] }],
    [
      "when the head was force-pushed with the same content",
      { reviews: ["carol approved gone"], same: ["gone"] },
    ],
    [
      "when the change was squashed: what counts is its content",
      { reviews: ["carol approved v2"], same: ["v2"] },
    ],
    ["of whoever merged it", { reviews: ["dave approved"] }],
    ["after the merge, too", { reviews: ["carol approved v2 12:00"] }],
    [
      "of the person that the document names",
      { reviews: ["carol approved"], declared: { requestedBy: "bob", approvedBy: "@Carol" } },
    ],
    ["where the document names nobody who asks", { reviews: ["carol approved"], declared: {} }],
    [
      "of the named one among several",
      { reviews: ["dave approved", "carol approved"], declared: { requestedBy: "bob", approvedBy: "carol" } },
    ],
  ];
  it.each(CARDS)("%s", (_, card) => {
    expect(judged(card)).toMatchObject({ verdict: "approved", settled: true });
  });

  it("from when it was both given and merged", () => {
    expect(judged({ reviews: ["carol approved v2 10:00"] }).approvedAt).toBe("2026-03-10T11:00:00Z");
    expect(judged({ reviews: ["carol approved v2 12:00"] }).approvedAt).toBe("2026-03-10T12:00:00Z");
    expect(judged({ reviews: ["dave approved v2 13:00", "carol approved v2 12:00"] })).toMatchObject({
      approvedAt: "2026-03-10T12:00:00Z",
      approvers: ["dave", "carol"],
      reviewed: "v2",
      reason: "dave, carol approved #12",
    });
  });
});

describe("an exception is self-approved", () => {
  const CARDS: readonly [string, Case, string][] = [
    ["by who opened the change", { reviews: ["bob approved"] }, "only bob, who opened it, approved #12"],
    [
      "by them under another spelling",
      { reviews: ["BOB approved"] },
      "only BOB, who opened it, approved #12",
    ],
    [
      "by an author of a commit of somebody else's change",
      { reviews: ["eve approved"], fact: { contributors: ["bob", "eve"] } },
      "only eve, whose own work is in it, approved #12",
    ],
    [
      "by a committer or pusher in another case",
      { reviews: ["eve approved"], fact: { contributors: ["bob", "Eve"] } },
      "only eve, whose own work is in it, approved #12",
    ],
    [
      "by who asks for it, though another account opened the change",
      { reviews: ["mallory approved"], declared: { requestedBy: "@Mallory" } },
      "only mallory, who asks for it, approved #12",
    ],
    [
      "by several who all had a hand in it",
      { reviews: ["bob approved", "eve approved"], fact: { contributors: ["bob", "eve"] } },
      "only bob, who opened it, and eve, whose own work is in it, approved #12",
    ],
    [
      "where the bot opened the change and who pushed to it approved",
      { reviews: ["bob approved"], fact: { author: "cre[bot]", contributors: ["cre[bot]", "bob"] } },
      "only bob, whose own work is in it, approved #12",
    ],
  ];
  it.each(CARDS)("%s", (_, card, reason) => {
    expect(judged(card)).toEqual({ verdict: "self-approved", reason, settled: false, approvers: [] });
  });
});

describe("an exception is void", () => {
  const CARDS: readonly [string, Case, string][] = [
    ["without a review", {}, "nobody approved #12"],
    ["with a comment alone", { reviews: ["carol commented"] }, "nobody approved #12"],
    [
      "when the approval was dismissed",
      { reviews: ["carol dismissed"] },
      "nobody approved #12 (the approval of carol was dismissed)",
    ],
    [
      "when the same person asked for changes afterwards",
      { reviews: ["carol approved", "carol changes-requested"] },
      "nobody approved #12 (carol asked for changes)",
    ],
    [
      "when a push after the approval changed it",
      { reviews: ["carol approved v1"] },
      "#12 was approved (carol at v1) before this document was changed in it",
    ],
    [
      "when it was renamed or moved in the change after the approval",
      { reviews: ["carol approved v1"], same: [] },
      "#12 was approved (carol at v1) before this document was changed in it",
    ],
    [
      "when it names another approver than the one there was",
      { reviews: ["carol approved"], declared: { requestedBy: "bob", approvedBy: "dave" } },
      "it names dave as its approver, but carol approved #12",
    ],
    [
      "when the named approver looked at another version",
      {
        reviews: ["dave approved v1", "carol approved"],
        declared: { requestedBy: "bob", approvedBy: "dave" },
      },
      "it names dave as its approver, but carol approved #12",
    ],
    [
      "when only a bot approved",
      { reviews: ["dependabot[bot] approved"] },
      "only dependabot[bot], which is no person, approved #12",
    ],
    [
      "when only an account that is gone approved",
      { reviews: ["ghost approved"] },
      "only ghost, which is no person, approved #12",
    ],
    [
      "when the change is not merged",
      { reviews: ["carol approved"], fact: { mergedAt: undefined } },
      "#12, which brings it, is not merged",
    ],
  ];
  it.each(CARDS)("%s", (_, card, reason) => {
    expect(judged(card)).toEqual({ verdict: "void", reason, settled: false, approvers: [] });
  });

  const UNKNOWN =
    "some work in #12 is by somebody whose login the forge does not know, so nobody can be ruled out as its author";
  it.each<[string, Partial<ReviewedChange>]>([
    ["when some commit is by nobody known", { hasUnknownContributor: true }],
    ["when the account of its author is gone", { author: "ghost" }],
  ])("for good %s", (_, fact) => {
    const verdict = { verdict: "void", reason: UNKNOWN, settled: true, approvers: [] };
    expect(judged({ reviews: ["carol approved"], fact })).toEqual(verdict);
  });

  it("for good when it was pushed without a change", () => {
    expect(judge(undefined, {}, () => true)).toMatchObject({ verdict: "void", settled: true });
  });
});

it("whatever people do, an approver is never the author, a contributor, the one who asks, or no person", () => {
  const login = fc.constantFrom("bob", "Bob", "@bob", "carol", "dave", "eve", "ghost", "cre[bot]");
  const state = fc.constantFrom<Review["state"]>("approved", "changes-requested", "commented", "dismissed");
  const reviews = fc.array(
    fc.record({ by: login, state, commit: fc.constantFrom("v1", "v2"), at: fc.constant(at("2026-03-10")) }),
    { maxLength: 8 },
  );
  const plain = (name: string): string => name.replace("@", "").toLowerCase();
  fc.assert(
    fc.property(login, fc.array(login), login, reviews, (author, contributors, requestedBy, given) => {
      const about = change([], { author, contributors, reviews: given });
      const verdict = judge(about, { requestedBy }, (commit) => commit === "v2");
      const hands = [author, ...contributors, requestedBy].map(plain);
      for (const by of verdict.approvers) {
        expect(hands).not.toContain(plain(by));
        expect(plain(by)).not.toMatch(/^ghost$|\[bot\]$/);
        const last = given.findLast((one) => plain(one.by) === plain(by) && one.state !== "commented");
        expect(last).toMatchObject({ state: "approved", commit: "v2" });
      }
      expect(verdict.verdict === "approved").toBe(verdict.approvers.length > 0);
    }),
  );
});
