import { describe, expect, test } from "vitest";
import { at, credential, documents } from "../../testing/evaluation/world.ts";
import { type AuditEntry, type AuditEvent } from "../audit/entry.ts";
import { MOST_TRAIL_LINES } from "./credential-stories.ts";
import { storiesOf } from "./stories.ts";

const HASH = "0".repeat(64);

type Event = Partial<AuditEvent> & { readonly event: string };

/** Entries in their order, one day apart from 2026-01-01 on unless they say when. */
function trail(...events: readonly Event[]): AuditEntry[] {
  return events.map((event, index) =>
    Object.assign(
      {
        time: at(new Date(Date.UTC(2026, 0, 1 + index)).toISOString()),
        actor: "schedule",
        run: "run-1",
        seq: index + 1,
        prev: HASH,
        hash: HASH,
      },
      event,
    ),
  );
}

const OF = { credential: "orders-db", rotation: "r1" };
const opened = (detail: Readonly<Record<string, unknown>> = {}) => ({
  ...OF,
  event: "rotation.opened",
  actor: "alice",
  detail: { recipe: "overlap", reason: "due", because: "keys", emergency: false, ...detail },
});
const applied = (step: string, detail?: Readonly<Record<string, unknown>>) => ({
  ...OF,
  event: "step.done",
  step,
  outcome: "applied" as const,
  ...(detail === undefined ? {} : { detail }),
});
const confirmed = (proof = "consumer") => ({
  ...OF,
  event: "rotation.confirmed",
  step: "confirm",
  detail: { proof },
});
const closed = (outcome = "done") => ({ ...OF, event: "rotation.closed", detail: { outcome } });

function storyOf(...events: readonly Event[]) {
  const { stories, rotations } = storiesOf(trail(...events), documents());
  const [story] = stories.get("orders-db")?.history ?? [];
  return { story, trace: rotations[0] };
}

describe("a rotation", () => {
  test("is told from its opening to the end of the old version", () => {
    const { story, trace } = storyOf(
      opened(),
      applied("issue", { handle: "AKIANEW", slot: "a" }),
      confirmed(),
      applied("deactivate"),
      applied("revoke"),
      closed(),
    );
    expect(story).toEqual({
      rotation: "r1",
      reason: "due",
      emergency: false,
      openedAt: at("2026-01-01"),
      confirmedAt: at("2026-01-03"),
      oldEndedAt: at("2026-01-04"),
      outcome: "done",
      actor: "alice",
      handle: "AKIANEW",
      fromSeq: 1,
      toSeq: 6,
    });
    expect(trace).toMatchObject({ verified: true, recipe: "overlap", endedAt: at("2026-01-06") });
  });

  test("whose old version came back to life is neither confirmed nor rid of it", () => {
    const { story } = storyOf(opened(), confirmed(), applied("deactivate"), applied("reactivate"));
    expect(story).toMatchObject({ confirmedAt: null, oldEndedAt: null, outcome: "open" });
  });

  test("that nobody could see in use is confirmed, but not verified", () => {
    const { story, trace } = storyOf(opened(), confirmed("none"), closed());
    expect(story).toMatchObject({ confirmedAt: at("2026-01-02") });
    expect(trace?.verified).toBe(false);
  });

  test("in place has ended the old version when it closes; of a person's value nobody read that back", () => {
    expect(storyOf(opened({ recipe: "in-place" }), confirmed(), closed()).story?.oldEndedAt).toBe(
      at("2026-01-03"),
    );
    expect(storyOf(opened({ recipe: "value" }), confirmed(), closed()).story?.oldEndedAt).toBeNull();
  });

  test("that was dropped ended no old version", () => {
    const { story } = storyOf(opened(), applied("abort"), closed("aborted"));
    expect(story).toMatchObject({ outcome: "aborted", confirmedAt: null, oldEndedAt: null });
  });

  test("is parked until somebody takes it up", () => {
    const parked = { ...OF, event: "rotation.parked", detail: { reason: "quota" } };
    expect(storyOf(opened(), parked)).toMatchObject({
      story: { outcome: "parked" },
      trace: { endedAt: at("2026-01-02") },
    });
    const retried = { ...OF, event: "request.accepted", detail: { verb: "retry" } };
    expect(storyOf(opened(), parked, retried)).toMatchObject({
      story: { outcome: "open" },
      trace: { endedAt: undefined },
    });
  });

  test("that an incident turned into an emergency is told as one", () => {
    const escalated = { ...OF, event: "rotation.escalated", detail: { because: "incident 7" } };
    expect(storyOf(opened(), escalated).story).toMatchObject({ emergency: true, reason: "due" });
  });

  test("whose opening cannot be read is still told", () => {
    const { story } = storyOf(applied("issue", { handle: "AKIANEW" }), confirmed());
    expect(story).toMatchObject({ reason: "unknown", openedAt: at("2026-01-01"), fromSeq: 1 });
  });
});

describe("a story", () => {
  test("goes on over a rename, and the old name belongs to whoever took it since", () => {
    const entries = trail(
      { event: "rotation.opened", credential: "old", rotation: "r1", detail: { reason: "due" } },
      {
        event: "document.renamed",
        credential: "new",
        detail: { kind: "Credential", name: "new", formerName: "old" },
      },
      { event: "rotation.opened", credential: "new", rotation: "r2", detail: { reason: "due" } },
      { event: "rotation.opened", credential: "old", rotation: "r3", detail: { reason: "due" } },
    );
    const { stories } = storiesOf(entries, documents(credential("new"), credential("old")));
    const rotationsOf = (name: string) => stories.get(name)?.history.map(({ rotation }) => rotation);
    expect(rotationsOf("new")).toEqual(["r2", "r1"]);
    expect(rotationsOf("old")).toEqual(["r3"]);
  });

  test("follows a rename that no run has seen yet", () => {
    const entries = trail({ event: "rotation.opened", credential: "old", rotation: "r1" });
    const renamed = credential("new", {}, { formerNames: ["old"] });
    expect(storiesOf(entries, documents(renamed)).stories.get("new")?.history).toHaveLength(1);
  });

  test("ends with the newest entries, each in words", () => {
    const many = Array.from({ length: MOST_TRAIL_LINES + 5 }, () => confirmed());
    const lines = storiesOf(trail(opened(), ...many), documents()).stories.get("orders-db")?.trail ?? [];
    expect(lines).toHaveLength(MOST_TRAIL_LINES);
    expect(lines[0]).toMatchObject({ seq: MOST_TRAIL_LINES + 6, text: "new version proven in use" });
  });
});

test("words are on one bounded line, whatever a document or a provider said", () => {
  const hostile = `two\nlines \u202e${"x".repeat(5000)}`;
  const events = ["step.failed", "incident.declared", "something.new", "rotation.waiting"].map((event) =>
    Object.assign({ event, step: "issue", detail: { reason: hostile, why: hostile, detail: hostile } }, OF),
  );
  const lines = storiesOf(trail(...events), documents()).stories.get("orders-db")?.trail ?? [];
  expect(lines).toHaveLength(4);
  for (const { text } of lines) expect(text).toMatch(/^[^\n\u202e]{1,400}$/u);
});
