import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  documents,
  evaluateAt,
  exception,
  only,
  policy,
  settings,
  sha256,
} from "../../testing/evaluation/world.ts";
import { explainCredential } from "../evaluate/explain.ts";
import { findingText } from "../evaluate/message.ts";
import type { ReviewBook, ReviewFact } from "../state/review-book.ts";
import { digestOf } from "./digest.ts";
import { digestsOf, exceptionQuestions, learnExceptions } from "./exception-reviews.ts";

const NOW = at("2026-03-10");
const KEY = credential("key");
const KEYS = policy("keys", { rotateWithin: "30d" });
const FORGE = settings({ forge: { kind: "github" } });
const FREEZE = exception("freeze", { credentials: ["key"], policy: "keys", approvedBy: "carol" });

function fact(change: Partial<ReviewFact> = {}): ReviewFact {
  return {
    document: "Exception freeze",
    verdict: "approved",
    reason: "carol approved #12",
    settled: true,
    at: NOW,
    commit: "c1",
    file: "exceptions/freeze.yaml",
    blob: "b1",
    change: { number: 12, url: "https://github.example/pull/12", author: "bob" },
    approvers: ["carol"],
    ...change,
  };
}

function bookOf(said: ReviewFact | undefined, about = FREEZE): ReviewBook {
  const digest = digestOf(about.document, sha256);
  return { schemaVersion: 1, ...(said === undefined ? {} : { exceptions: { [digest]: said } }) };
}

function judged(said: ReviewFact | undefined, about = FREEZE) {
  const result = evaluateAt(NOW, [KEY, KEYS, FORGE, FREEZE], { books: { reviews: bookOf(said, about) } });
  const finding = result.findings.find(({ code }) => code.startsWith("exception-"));
  return {
    waivedBy: only(result).exception,
    code: finding?.code,
    ...(finding === undefined ? {} : findingText(finding)),
    why: explainCredential(result, "key")?.exceptions[0]?.why,
  };
}

describe("an exception on a forge", () => {
  it("counts with an approval on record, which explain tells", () => {
    expect(judged(fact())).toEqual({
      waivedBy: "freeze",
      code: undefined,
      why: "until 2026-04-01T00:00:00Z; carol approved #12",
    });
  });

  it("waits while nothing is on record, whatever approver its document declares", () => {
    expect(judged(undefined)).toMatchObject({
      waivedBy: undefined,
      code: "exception-void",
      message: "The exception freeze does not count: no run has yet been told by the forge who approved it.",
      fix: "The next run asks the forge; until then it waives nothing.",
    });
  });

  it("waits when what is on record is about another form of it", () => {
    const longer = exception("freeze", { ...FREEZE.document.spec, expiresAt: "2026-05-01" });
    expect(judged(fact(), longer).code).toBe("exception-void");
  });

  it.each([
    [
      fact({ verdict: "void", reason: "nobody approved #12", settled: false }),
      "exception-void",
      /pull\/12; the next run/,
    ],
    [
      fact({ verdict: "self-approved", reason: "only bob", settled: false }),
      "exception-self-approved",
      /pull\/12/,
    ],
    [fact({ verdict: "void", reason: "it was pushed", settled: true }), "exception-void", /^Write it anew/],
  ])("does not count otherwise, with what helps", (said, code, fix) => {
    const found = judged(said);
    expect(found).toMatchObject({ waivedBy: undefined, code });
    expect(found.message).toContain(said.reason);
    expect(found.fix).toMatch(fix);
  });
});

describe("the forge is asked", () => {
  const asked = (book: ReviewBook | undefined, now = NOW, all = [FORGE, FREEZE]) =>
    exceptionQuestions(documents(...all), book, now, sha256).map(({ declared }) => declared);
  const ONE = [{ requestedBy: "bob", approvedBy: "carol" }];

  it("about what has no settled verdict, and as long as it could count", () => {
    expect(asked(undefined)).toEqual(ONE);
    expect(asked(bookOf(fact({ settled: false })))).toEqual(ONE);
    expect(asked(bookOf(fact()))).toEqual([]);
    const { change: _, ...pushed } = fact({ verdict: "void" });
    expect(asked(bookOf(pushed), at("2026-03-10T23:59:59Z"))).toEqual(ONE);
    expect(asked(bookOf(pushed), at("2026-03-11"))).toEqual([]);
    expect(asked(undefined, at("2026-04-01"))).toEqual([]);
    expect(asked(undefined, at("2026-01-01"))).toEqual(ONE);
  });

  it("about nothing where there is none", () => {
    expect(asked(undefined, NOW, [settings({}), FREEZE])).toEqual([]);
  });
});

describe("what it says is recorded", () => {
  const learn = (before: ReviewFact | undefined, said: ReviewFact) =>
    learnExceptions(before === undefined ? {} : { d: before }, new Map([["d", said]]), "inputs", NOW);
  const OPEN = fact({ verdict: "void", reason: "nobody approved #12", settled: false });

  it("once, with an event that names the documents of the run as its inputs", () => {
    const { exceptions, events } = learn(undefined, fact());
    expect(exceptions).toEqual({ d: fact() });
    expect(events).toMatchObject([
      {
        event: "review.seen",
        inputs: "inputs",
        detail: { change: 12, approvers: ["carol"], commit: "c1", blob: "b1" },
      },
    ]);
    expect(learn(OPEN, { ...OPEN, at: at("2026-03-11") }).events).toEqual([]);
  });

  it("and forgotten with its document, so that who writes that again needs an approval again", () => {
    const present = digestsOf(documents(FREEZE), sha256);
    const [digest = ""] = present;
    const known = { [digest]: fact(), gone: OPEN };
    const after = learnExceptions(known, new Map(), "inputs", NOW, present);
    expect(after.exceptions).toEqual({ [digest]: fact() });
    expect(after.events).toMatchObject([
      { event: "review.forgotten", detail: { document: "Exception freeze" } },
    ]);
    expect(learnExceptions(known, new Map(), "inputs", NOW)).toEqual({ exceptions: known, events: [] });
    expect(learnExceptions(after.exceptions, new Map(), "inputs", NOW, present).events).toEqual([]);
  });

  it("anew when it changes, and never over what is settled", () => {
    expect(learn(OPEN, fact()).exceptions).toEqual({ d: fact() });
    expect(learn(fact(), OPEN)).toEqual({ exceptions: { d: fact() }, events: [] });
  });
});
