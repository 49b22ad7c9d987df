import { describe, expect, test } from "vitest";
import { addTo } from "../../../core/model/instant.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";
import {
  asleep,
  bound,
  EFFECTS,
  failure,
  fresh,
  issued,
  issueFailure,
  NOW,
  observed,
  old,
  right,
  server,
  TOKEN,
} from "../../../testing/suites/scripted-rotator.ts";
import { signedAnswers } from "../../../testing/suites/signed-answers.ts";

const { signal } = new AbortController();

describe("a signed answer", () => {
  test.each<[string, unknown, string]>([
    ["no versions", undefined, "versions is missing"],
    ["versions that are no list", { h0: old }, "versions is no list"],
    ["too many versions", Array.from({ length: 51 }, () => old), "versions has more than 50 entries"],
    [
      "two versions in one slot",
      [old, { ...old, handle: "h9" }],
      "versions[1].slot is that of another version, too",
    ],
    [
      "two versions of one handle",
      [old, { ...old, slot: "2" }],
      "versions[1].handle is that of another version, too",
    ],
    ["no handle", [{ ...old, handle: undefined }], "versions[0].handle is missing"],
    ["a handle of two lines", [{ ...old, handle: "h0\nx" }], "versions[0].handle does not match"],
    [
      "a handle that is the key",
      [{ ...old, handle: "canary-rotator-key" }],
      "versions[0].handle holds a secret",
    ],
    ["a slot that is a number", [{ ...old, slot: 1 }], "versions[0].slot is no text"],
    ["live as text", [{ ...old, live: "false" }], "versions[0].live is neither true nor false"],
    ["no reactivatable", [{ ...old, reactivatable: null }], "versions[0].reactivatable is missing"],
    ["a date", [{ ...old, createdAt: "2026-01-01" }], "versions[0].createdAt is no RFC 3339 instant with Z"],
    ["a zone", [{ ...old, createdAt: "2026-01-01T00:00:00+01:00" }], "versions[0].createdAt is no RFC 3339"],
    [
      "a day that no calendar has",
      [{ ...old, expiresAt: "2026-02-30T00:00:00Z" }],
      "versions[0].expiresAt is no",
    ],
    [
      "a future creation",
      [{ ...old, createdAt: "2027-01-01T00:00:00Z" }],
      "versions[0].createdAt is in the future",
    ],
    ["half a mark", [{ ...old, mark: { rotation: "r" } }], "versions[0].mark.attempt is missing"],
    [
      "an epoch as text",
      [{ ...old, mark: { ...old.mark, epoch: "1" } }],
      "versions[0].mark.epoch is no whole",
    ],
    [
      "an epoch below 0",
      [{ ...old, mark: { ...old.mark, epoch: -1 } }],
      "versions[0].mark.epoch is no whole",
    ],
    [
      "a mark of several lines",
      [{ ...old, mark: { ...old.mark, attempt: "a\nb" } }],
      "versions[0].mark.attempt does",
    ],
  ])("with %s is refused, and says which field", async (_, versions, evidence) => {
    const rotator = await server((heard) => ({ body: right(heard, { versions }) }));
    const error = await failure(rotator.observe(signal));
    expect(error.code).toBe("external-answer-malformed");
    expect(error.evidence).toContain(evidence);
  });

  test.each<[string, object, string]>([
    ["no parts", { parts: undefined }, "issued.parts is missing"],
    ["a part that is missing", { parts: { other: TOKEN } }, "issued.parts has no token"],
    ["an empty part", { parts: { token: "" } }, "issued.parts[0] is empty"],
    ["a part that is no text", { parts: { token: [TOKEN] } }, "issued.parts[0] is no text"],
    ["a part that is half a character", { parts: { token: `${TOKEN}\ud800` } }, "no well-formed text"],
    ["a part that is huge", { parts: { token: TOKEN.repeat(4000) } }, "longer than"],
    ["the secret as handle", { handle: TOKEN }, "issued.handle holds a secret"],
    [
      "the secret in its handle",
      { handle: `id:${Buffer.from(TOKEN).toString("hex")}` },
      "issued.handle holds a secret",
    ],
    ["the handle of the old one", { handle: "h0" }, "issued.handle is that of a version before it"],
    ["the slot of the old one", { slot: "1" }, "issued.slot is that of a version before it"],
    ["an old creation", { createdAt: "2026-09-21T14:00:00Z" }, "issued.createdAt is more than 600 s ago"],
    ["an end that is over", { expiresAt: NOW }, "issued.expiresAt is over already"],
  ])("to issue with %s is unknown", async (_, fields, evidence) => {
    const rotator = await server((heard) => ({ body: right(heard, { issued: { ...issued, ...fields } }) }));
    const error = await issueFailure(rotator);
    expect(error).toMatchObject({ outcome: "unknown", code: "external-answer-malformed" });
    expect(error.evidence).toContain(evidence);
  });

  test.each<[string, string, object]>([
    ["issue", "a version that is not there", { versions: [old] }],
    ["issue", "another attempt's mark", { versions: [old, { ...fresh, mark: markOf("a9", 2) }] }],
    ["issue", "a version that cannot log in", { versions: [old, { ...fresh, live: false }] }],
    ["adopt", "no mark", { versions: [{ ...old, mark: null }] }],
    ["adopt", "nothing", { versions: [] }],
    ["deactivate", "a live version", { versions: [old] }],
    ["deactivate", "one that can never come back", { versions: [{ ...asleep, reactivatable: false }] }],
    ["deactivate", "another epoch", { versions: [{ ...asleep, mark: markOf("a0", 2) }] }],
    ["deactivate", "nothing", { versions: [] }],
    ["reactivate", "a version that sleeps on", { versions: [asleep] }],
    ["revoke", "the version still", { versions: [old] }],
    ["revoke", "it deactivated only", { versions: [asleep] }],
  ])("to %s that shows %s afterwards is unknown", async (step, _, fields) => {
    const rotator = await server((heard) => ({ body: right(heard, fields) }));
    expect(await failure(EFFECTS[step]?.(rotator))).toMatchObject({
      outcome: "unknown",
      code: "external-not-applied",
    });
  });

  test.each<[string, unknown, string]>([
    ["another kind", { kind: "quiet", detail: "" }, "use.kind is none of used, silent, unknown"],
    ["silence of no kind", { kind: "silent", detail: "x" }, "use.sampled is missing"],
    ["use at no time", { kind: "used", detail: "x" }, "use.at is missing"],
    [
      "use in the future",
      { kind: "used", at: "2026-09-22T00:00:00Z", detail: "x" },
      "use.at is in the future",
    ],
    [
      "use before the question",
      { kind: "used", at: "2026-09-01T00:00:00Z", detail: "x" },
      "use.at is before",
    ],
    ["no words", { kind: "unknown" }, "use.detail is missing"],
  ])("to in-use with %s is refused", async (_, use, evidence) => {
    const rotator = await server((heard) => ({ body: right(heard, { use }) }));
    const error = await failure(rotator.inUse?.(observed, addTo(NOW, -86_400), signal));
    expect(error.evidence).toContain(evidence);
  });

  test.each<[string, object, string]>([
    ["no parts", { parts: [] }, "parts needs names"],
    ["a part twice", { parts: ["a", "a"] }, "parts needs names"],
    ["a part that no template can name", { parts: ["a b"] }, "parts[0] does not match"],
    ["a public part that is none", { publicParts: ["b"] }, "publicParts[0] is none of token"],
    ["one slot", { slots: 1 }, "slots is less than 2"],
    ["deactivate without a way back", { operations: ["deactivate"] }, "operations has only one of"],
    ["operations that are no list", { operations: "all" }, "operations is no list"],
  ])("to describe with %s binds nothing", async (_, fields, evidence) => {
    const error = await failure(bound(signedAnswers((heard) => ({ body: right(heard, fields) }))));
    expect(error.evidence).toContain(evidence);
  });
});
