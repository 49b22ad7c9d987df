import { describe, expect, it } from "vitest";
import { planned } from "../../testing/engine/planned.ts";
import { ATTEMPT, confirmedRecord, fresh, NOON, old, record } from "../../testing/engine/record.ts";
import {
  at,
  credential,
  exception,
  hold,
  incident,
  policy,
  pressedHold,
  rotation,
  settings,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { Request } from "../state/facts.ts";
import type { Rotation, Status } from "../state/status.ts";

const NOW = "2026-03-10T12:00:00Z";
const ROTATE = policy("keys", { rotateWithin: "60d", enforcement: "rotate" });
const automated = (name: string, spec: Partial<Credential["spec"]> = {}): Sourced<Credential> =>
  credential(name, { method: "automated", ...spec });
/** Adopted, and due since 2 March. */
const due = (name: string, fact: Partial<Status> = {}): Status =>
  status(name, {
    versions: [version("2026-01-01", { mark: { rotation: "r", attempt: "attempt-0", epoch: 1 } })],
    ...fact,
  });
const ago = (name: string, created: string): Status => status(name, { versions: [version(created)] });
const opened = (name: string, fact: Partial<Rotation>): Status => due(name, { rotation: rotation(fact) });

describe("what starts", () => {
  it("an adopted one that is due", () => {
    expect(planned(NOW, [automated("key"), ROTATE], [due("key")]).told).toEqual([
      "key start: due 2026-03-02T00:00:00Z by keys",
    ]);
  });

  it.each<[string, readonly Sourced[], readonly Status[], readonly string[]]>([
    ["one that is not due has no item", [automated("key"), ROTATE], [ago("key", "2026-03-01")], []],
    [
      "one that nobody knows yet is only adopted",
      [automated("key"), ROTATE],
      [],
      ["key adopt: the first run of a credential records and marks what is there"],
    ],
    [
      "a policy that only reports writes nothing at the provider",
      [automated("key"), policy("keys", { rotateWithin: "60d" })],
      [],
      [],
    ],
    [
      "a manual one is for its people",
      [credential("key"), ROTATE],
      [],
      ["key skip: method manual: payments rotates it"],
    ],
    [
      "a delegated one is for another system",
      [credential("key", { method: "delegated", delegate: { to: "cert-manager" } }), ROTATE],
      [],
      ["key skip: method delegated: cert-manager rotates it"],
    ],
    [
      "one that every policy which makes it due excepts",
      [automated("key"), ROTATE, exception("freeze", { credentials: ["key"], policy: "keys" })],
      [due("key")],
      ["key skip: excepted by freeze"],
    ],
    [
      "one whose record is behind its provider",
      [automated("key"), ROTATE],
      [due("key", { behind: { code: "drift", message: "the mark is gone", since: NOON } })],
      ["key refuse: the mark is gone; a person must look, then: cre retry key"],
    ],
    [
      "one whose document names another place",
      [automated("key"), ROTATE],
      [due("key", { identity: "elsewhere/key" })],
      [
        "key refuse: the document now names simulated/key, the record belongs to elsewhere/key: retire this credential and register another",
      ],
    ],
  ])("%s", (_name, documents, statuses, expected) => {
    expect(planned(NOW, documents, statuses).told).toEqual(expected);
  });

  it("nothing while any document is invalid; what is open goes on", () => {
    const plan = planned(
      NOW,
      [automated("a"), automated("b"), ROTATE],
      [due("a"), opened("b", { step: "promote" })],
      { valid: false },
    );
    expect(plan.told).toEqual([
      "a refuse: documents are invalid: nothing starts until they are mended",
      "b advance: promote is next",
    ]);
    expect(plan.acts).toEqual(["b go"]);
  });

  it("an open rotation whose own document may be an invalid one ends nothing before it is mended", () => {
    const statuses = [opened("b", { step: "deactivate" })];
    expect(planned(NOW, [ROTATE], statuses, { valid: false }).acts).toEqual([]);
    expect(planned(NOW, [ROTATE], statuses).acts).toEqual(["b go"]);
  });
});

describe("gates of a start", () => {
  const window = policy("keys", {
    rotateWithin: "60d",
    enforcement: "rotate",
    window: { cron: "0 2 * * *", duration: "1h" },
  });
  const freeze = settings({
    limits: { freeze: [{ from: "2026-03-01", to: "2026-03-20", reason: "year end" }] },
  });
  it.each<[string, readonly Sourced[], string]>([
    [
      "a written hold",
      [hold("stop", { credentials: ["key"] }), ROTATE],
      "key wait: held by stop: incident 12 until 2026-04-01T00:00:00Z",
    ],
    ["a freeze", [freeze, ROTATE], "key wait: freeze: year end until 2026-03-20T00:00:00Z"],
    ["a shut window", [window], "key wait: the policy's window is closed until 2026-03-11T02:00:00Z"],
  ])("%s", (_name, documents, expected) => {
    const plan = planned(NOW, [automated("key"), ...documents], [due("key")]);
    expect(plan.told).toEqual([expected]);
    expect(plan.acts).toEqual([]);
  });

  it("a hold pressed by command also keeps an adoption back", () => {
    const plan = planned(NOW, [automated("key"), ROTATE], [], { holds: [pressedHold("h-1", { all: true })] });
    expect(plan.told[0]).toMatch(/^key wait: held by h-1/);
  });

  it("a person's request ignores due date, window and limits, not holds and freezes", () => {
    const explicit = { credential: "key", by: "carol" };
    const none = settings({ limits: { startsPerRun: 1, perService: 1, openRotations: 1 } });
    const busy = opened("other", { step: "promote", attempt: ATTEMPT });
    expect(
      planned(NOW, [automated("key"), window, none], [ago("key", "2026-03-09"), busy], { explicit }).told[0],
    ).toBe("key start: asked for by carol");
    expect(
      planned(NOW, [automated("key"), freeze, ROTATE], [ago("key", "2026-03-09")], { explicit }).told[0],
    ).toMatch(/^key wait: freeze/);
    expect(
      planned(NOW, [automated("key"), hold("stop", { all: true }), ROTATE], [ago("key", "2026-03-09")], {
        explicit,
      }).told[0],
    ).toMatch(/^key wait: held/);
  });

  it("a person's request adopts what nobody knows, whatever the policy", () => {
    const plan = planned(NOW, [automated("key"), policy("keys", { rotateWithin: "60d" })], [], {
      explicit: { credential: "key", by: "carol" },
    });
    expect(plan.courses[0]?.act).toMatchObject({
      kind: "open",
      recipe: "adopt",
      reason: "requested",
      because: "carol",
    });
  });
});

describe("limits", () => {
  const services = ["a", "b", "c"].map((name) => automated(name, { service: name }));
  const all = (...names: readonly string[]) => names.map((name) => due(name, { service: name }));

  it("startsPerRun: the most urgent first", () => {
    const plan = planned(
      NOW,
      [...services, ROTATE, settings({ limits: { startsPerRun: 1 } })],
      [...all("a", "c"), { ...ago("b", "2025-12-01"), service: "b" }],
    );
    expect(plan.acts).toEqual(["b open overlap"]);
    expect(plan.told[0]).toBe("a wait: limits.startsPerRun is reached in this run");
  });

  it("openRotations counts all that are open", () => {
    const open = { ...opened("a", { step: "revoke", confirmedAt: NOON }), service: "a" };
    const plan = planned(
      NOW,
      [...services, ROTATE, settings({ limits: { openRotations: 2 } })],
      [open, ...all("b", "c")],
    );
    expect(plan.acts).toEqual(["a go", "b open overlap"]);
    expect(plan.told[2]).toBe("c wait: limits.openRotations is reached");
  });

  it.each<[string, Partial<Rotation>, boolean]>([
    ["issued and not confirmed", { step: "promote", attempt: ATTEMPT }, true],
    ["parked in between", { step: "promote", attempt: ATTEMPT, outcome: "parked" }, true],
    ["confirmed", { step: "deactivate", attempt: ATTEMPT, confirmedAt: NOON }, false],
    ["about to issue", { step: "preflight" }, true],
    [
      "held up before it issued anything",
      { step: "preflight", wait: { why: "backoff", until: at("2026-03-11") } },
      false,
    ],
    ["parked before it issued anything", { step: "preflight", outcome: "parked" }, false],
    ["being retired", { recipe: "retire", step: "revoke" }, false],
    ["being adopted", { recipe: "adopt", step: "deactivate", attempt: ATTEMPT }, false],
  ])("perService counts from issue to confirm: one %s", (_name, fact, busy) => {
    const plan = planned(
      NOW,
      [automated("a"), automated("b"), ROTATE],
      [{ ...opened("a", fact), versions: [version("2025-12-01")] }, due("b")],
    );
    const waits = "b wait: limits.perService: another rotation of shop is not confirmed yet";
    expect(plan.told[1]).toBe(busy ? waits : "b start: due 2026-03-02T00:00:00Z by keys");
  });

  it.each([
    [
      1,
      [
        "a advance: promote is next",
        "b wait: limits.perService: another rotation of shop is not confirmed yet",
      ],
    ],
    [2, ["a advance: promote is next", "b advance: preflight is next"]],
  ])("an open one that issues next is held by perService %i, too", (perService, told) => {
    const limits = settings({ limits: { perService } });
    const open = [opened("a", { step: "promote", attempt: ATTEMPT }), opened("b", { step: "preflight" })];
    expect(planned(NOW, [automated("a"), automated("b"), ROTATE, limits], open).told).toEqual(told);
  });

  it("one that is due waits for what it depends on, if that is rotated here", () => {
    const dependent = automated("b", { service: "b", dependsOn: ["a"] });
    expect(planned(NOW, [automated("a"), dependent, ROTATE], [due("a"), due("b")]).told[1]).toBe(
      "b wait: a is rotated first",
    );
    expect(
      planned(NOW, [automated("a"), dependent, ROTATE], [opened("a", { step: "promote" }), due("b")]).told[1],
    ).toBe("b wait: a is rotated first");
    expect(
      planned(NOW, [automated("a"), dependent, ROTATE], [ago("a", "2026-03-01"), due("b")]).acts,
    ).toEqual(["b open overlap"]);
    expect(planned(NOW, [credential("a"), dependent, ROTATE], [due("b")]).acts).toEqual(["b open overlap"]);
  });
});

describe("what is open", () => {
  const wait = { why: "soak", until: at("2026-04-01") } as const;
  const request: Request = {
    schemaVersion: 1,
    id: "q",
    verb: "retry",
    credential: "key",
    at: NOON,
    by: "carol",
    reason: "x",
  };
  const parked = {
    outcome: "parked",
    parked: { code: "x", message: "two versions", at: NOON, commands: ["retry", "rollback"] },
  } satisfies Partial<Rotation>;

  it.each<[string, Partial<Rotation>, readonly Request[], string, boolean]>([
    ["goes on", { step: "promote" }, [], "key advance: promote is next", true],
    [
      "waits, and is looked at all the same",
      { step: "revoke", wait },
      [],
      "key wait: soak: the old version is deactivated and could come back until 2026-04-01T00:00:00Z",
      true,
    ],
    [
      "a wait that is over",
      { step: "revoke", wait: { ...wait, until: NOON } },
      [],
      "key advance: revoke is next",
      true,
    ],
    [
      "was left by a dead run",
      { step: "issue", phase: "intended" },
      [],
      "key recover: a run died at issue",
      true,
    ],
    [
      "failed in doubt and waits",
      { step: "promote", phase: "intended", wait: { why: "backoff", until: at("2026-04-01") } },
      [],
      "key wait: a try failed and is repeated later until 2026-04-01T00:00:00Z",
      true,
    ],
    [
      "parked",
      { step: "revoke", ...parked },
      [],
      "key refuse: parked: two versions (cre retry key, cre rollback key)",
      true,
    ],
    [
      "parked, and a person answered",
      { step: "revoke", ...parked },
      [request],
      "key advance: a person answered: two versions",
      true,
    ],
    [
      "another run is at it",
      { step: "promote", lease: { run: "run-9", epoch: 2, until: at("2026-03-10T12:10:00Z") } },
      [],
      "key wait: run run-9 is at it until 2026-03-10T12:10:00Z",
      false,
    ],
    [
      "that run's lease is over",
      { step: "promote", lease: { run: "run-9", epoch: 2, until: at("2026-03-10T11:50:00Z") } },
      [],
      "key advance: promote is next",
      true,
    ],
  ])("%s", (_name, fact, requests, expected, acts) => {
    const plan = planned(NOW, [automated("key"), ROTATE], [opened("key", fact)], { requests });
    expect(plan.told).toEqual([expected]);
    expect(plan.acts).toEqual(acts ? ["key go"] : []);
  });

  it("goes on by another runner where the zone is another", () => {
    const unable = { able: false, why: "elsewhere", reason: "needs --zone aws" } as const;
    expect(
      planned(NOW, [automated("key"), ROTATE], [opened("key", { step: "promote" })], { capability: unable })
        .told,
    ).toEqual(["key skip: needs --zone aws"]);
    expect(planned(NOW, [automated("key"), ROTATE], [due("key")], { capability: unable }).told).toEqual([
      "key skip: needs --zone aws",
    ]);
  });

  it("goes on without its document", () => {
    expect(planned(NOW, [ROTATE], [opened("key", { step: "promote" })]).acts).toEqual(["key go"]);
  });
});

describe("retirement", () => {
  const retired = automated("key", { retiredAt: "2026-03-01" });
  it.each<[string, readonly Sourced[], readonly Status[], string | undefined]>([
    ["starts by itself, without a successor", [retired, ROTATE], [due("key")], "key open retire"],
    [
      "not before its day",
      [automated("key", { retiredAt: "2026-03-11" }), ROTATE],
      [ago("key", "2026-03-09")],
      undefined,
    ],
    [
      "from that very second on",
      [automated("key", { retiredAt: NOW }), ROTATE],
      [due("key")],
      "key open retire",
    ],
    ["not where nothing is known to live", [retired, ROTATE], [status("key")], undefined],
    [
      "not in a freeze",
      [
        retired,
        ROTATE,
        settings({ limits: { freeze: [{ from: "2026-03-01", to: "2026-04-01", reason: "x" }] } }),
      ],
      [due("key")],
      undefined,
    ],
    ["not under a hold", [retired, ROTATE, hold("stop", { all: true })], [due("key")], undefined],
    [
      "goes on like any open rotation",
      [retired, ROTATE],
      [opened("key", { recipe: "retire", step: "revoke" })],
      "key go",
    ],
  ])("%s", (_name, documents, statuses, act) => {
    expect(planned(NOW, documents, statuses).acts).toEqual(act === undefined ? [] : [act]);
  });
});

describe("emergencies", () => {
  const incidents = [incident("i-1", "key", "2026-03-09T12:00:00Z")];
  const everything = [
    hold("stop", { all: true }),
    settings({
      limits: { startsPerRun: 1, freeze: [{ from: "2026-03-01", to: "2026-04-01", reason: "x" }] },
    }),
    exception("all", { credentials: ["key"], policy: "keys" }),
  ];
  const current = (fact: Partial<Status> = {}): Status => ({
    ...record({ outcome: "done" }),
    credential: "key",
    ...fact,
  });

  it.each<[string, Status | undefined, string]>([
    ["starts whatever else holds", current(), "key open overlap emergency"],
    ["adopts first what nobody knows", undefined, "key open adopt emergency"],
    ["frees a slot first", current({ versions: [old(), fresh()] }), "key open overlap emergency clear"],
    [
      "turns an open one into itself",
      { ...record({ step: "preflight" }), credential: "key" },
      "key escalate",
    ],
    [
      "goes on where it is under way",
      {
        ...record({ step: "promote", emergency: true, openedAt: at("2026-03-09T13:00:00Z") }, [
          old(),
          fresh(),
        ]),
        credential: "key",
      },
      "key go",
    ],
    [
      "overtakes a rotation that made a burnt version",
      { ...confirmedRecord({ step: "revoke" }), credential: "key" },
      "key open overlap emergency clear",
    ],
  ])("%s", (_name, before, act) => {
    const statuses = before === undefined ? [] : [before];
    expect(
      planned(NOW, [automated("key"), ROTATE, ...everything], statuses, { incidents, valid: false }).acts,
    ).toEqual([act]);
  });

  it("comes before everything else, and revokes first where the incident or the policy says so", () => {
    const first = [incident("i-1", "key", "2026-03-09", { revokeFirst: true })];
    const plan = planned(NOW, [automated("key"), ROTATE], [current()], { incidents: first });
    expect(plan.acts).toEqual(["key open overlap emergency clear"]);
    expect(plan.courses[0]?.act).toMatchObject({ policy: { emergency: { order: "revoke-first" } } });
    const strict = policy("keys", {
      rotateWithin: "60d",
      enforcement: "rotate",
      emergency: { order: "revoke-first" },
    });
    expect(planned(NOW, [automated("key"), strict], [current()], { incidents }).acts).toEqual([
      "key open overlap emergency clear",
    ]);
  });

  it("of a retired one ends it and makes no successor", () => {
    const retired = automated("key", { retiredAt: "2026-03-01" });
    expect(planned(NOW, [retired, ROTATE], [current()], { incidents }).acts).toEqual([
      "key open retire emergency",
    ]);
    const open = { ...record({ recipe: "retire", step: "revoke" }), credential: "key" };
    expect(planned(NOW, [retired, ROTATE], [open], { incidents }).acts).toEqual(["key escalate"]);
  });

  it("of a manual one is for its people, and does not stop the value that they are delivering", () => {
    const manual = credential("key", { manual: { console: "https://console.example" } });
    expect(planned(NOW, [manual], [], { incidents }).told).toEqual([
      "key refuse: compromised: payments must replace it now at https://console.example, then: cre rotated key",
    ]);
    const open = { ...record({ recipe: "value", step: "promote" }, []), credential: "key" };
    expect(planned(NOW, [manual], [open], { incidents }).acts).toEqual(["key go"]);
  });

  it("counts as allowed downtime", () => {
    const capability = {
      able: true,
      recipe: "in-place",
      identity: "simulated/key",
      shape: { staging: 0, pushing: 1 },
      triesPending: false,
    } as const;
    expect(planned(NOW, [automated("key"), ROTATE], [current()], { incidents, capability }).acts).toEqual([
      "key open in-place-downtime emergency",
    ]);
    expect(planned(NOW, [automated("key"), ROTATE], [due("key")], { capability }).told[0]).toMatch(
      /^key refuse: with one role/,
    );
  });

  it("a withdrawn incident is none", () => {
    const withdrawn = [
      incident("i-1", "key", "2026-03-09", { withdrawn: { by: "carol", at: NOON, reason: "a test" } }),
    ];
    expect(
      planned(NOW, [automated("key"), ROTATE], [{ ...current(), versions: [version("2026-03-01")] }], {
        incidents: withdrawn,
      }).acts,
    ).toEqual([]);
  });
});

describe("records that cannot be trusted", () => {
  it("one that cannot be read is left alone, and so is one under its former name", () => {
    const unreadable = [{ path: "registry/status/shop/key.json", credential: "key", problem: "not JSON" }];
    const incidents = [incident("i-1", "key", "2026-03-09")];
    expect(planned(NOW, [automated("key"), ROTATE], [], { unreadable, incidents }).told).toEqual([
      "key refuse: its record registry/status/shop/key.json cannot be read: not JSON",
    ]);
    const renamed = credential("new", { method: "automated" }, { formerNames: ["key"] });
    expect(planned(NOW, [renamed, ROTATE], [], { unreadable }).acts).toEqual([]);
  });

  it("after the state branch went back nothing is acted on", () => {
    const plan = planned(
      NOW,
      [automated("a", { service: "a" }), automated("b"), ROTATE],
      [due("a", { service: "a" }), opened("b", { step: "promote" })],
      { rewoundFrom: "abc" },
    );
    expect(plan.acts).toEqual([]);
    expect(plan.told.every((line) => line.includes("refuse: nothing is acted on"))).toBe(true);
  });
});

it("only what was selected is planned", () => {
  expect(
    planned(
      NOW,
      [automated("a", { service: "a" }), automated("b"), ROTATE],
      [due("a", { service: "a" }), due("b")],
      { only: new Set(["b"]) },
    ).acts,
  ).toEqual(["b open overlap"]);
});
