import { describe, expect, test } from "vitest";
import { AWS, HOSTS, key, learn, look } from "../../../testing/discovery/looks.ts";
import {
  at,
  credential,
  evaluateAt,
  exception,
  settings,
  status,
  version,
} from "../../../testing/evaluation/world.ts";
import type { Sourced } from "../../documents/kinds.ts";
import type { SettingsSpec } from "../../documents/settings.ts";
import type { Exception } from "../../documents/waiver.ts";
import type { DiscoveryBook, SightingFact } from "../../state/discovery-book.ts";
import type { Status } from "../../state/status.ts";
import { findingText } from "../message.ts";

const NOW = "2026-03-01T09:00:00Z";
const SOURCES: SettingsSpec["discovery"] = [AWS, HOSTS];

interface World {
  readonly documents?: readonly Sourced[];
  readonly statuses?: readonly Status[];
  readonly unmanaged?: "critical";
}

function book(facts: readonly SightingFact[], world: World = {}): DiscoveryBook {
  const looks = {
    "prod-aws": {
      account: look(
        facts.filter(({ kind }) => kind !== "ssh-key"),
        { covered: ["deploy-key"] },
      ),
    },
    hosts: { "web-1": look(facts.filter(({ kind }) => kind === "ssh-key")) },
  };
  return learn({ discovery: SOURCES ?? [], ...world }, looks).book;
}

function findingsOf(facts: readonly SightingFact[], world: World = {}) {
  const { documents = [], statuses = [], unmanaged } = world;
  const declared = settings({ discovery: SOURCES ?? [], ...(unmanaged === undefined ? {} : { unmanaged }) });
  const books = { discovery: book(facts, world) };
  return evaluateAt(NOW, [declared, ...documents], { statuses, books }).findings;
}

function told(facts: readonly SightingFact[], world: World = {}): readonly string[] {
  return findingsOf(facts, world)
    .filter(({ code }) => code !== "unmatched")
    .map(({ code, level, credential: name, waivedBy }) =>
      [
        code,
        level,
        ...(name === null ? [] : [name]),
        ...(waivedBy === null ? [] : [`waived by ${waivedBy}`]),
      ].join(" "),
    );
}

function accepting(sightings: readonly string[], spec: Partial<Exception["spec"]> = {}): Sourced<Exception> {
  return exception("known", { match: { sightings: [...sightings] }, finding: "unmanaged", ...spec });
}

describe("what nobody registered", () => {
  test("is a finding with its evidence, by the level of the settings", () => {
    expect(told([key("AKIA1")])).toEqual(["unmanaged warning"]);
    expect(told([key("AKIA1")], { unmanaged: "critical" })).toEqual(["unmanaged critical"]);
    expect(told([key("AKIA1", { live: false })], { unmanaged: "critical" })).toEqual(["unmanaged warning"]);
  });

  test("is told with place, age, last use and who may own it", () => {
    const hint = { source: "tag Owner", text: "payments" };
    const [finding] = findingsOf([key("AKIA1", { lastUsedOn: "2026-02-28", ownerHints: [hint] })]);
    expect(finding === undefined ? undefined : findingText(finding)).toEqual({
      message:
        "The AWS access key AKIA1 at 123456789012/deploy is not registered (seen by prod-aws since 2026-03-01, made 2026-01-01, last used 2026-02-28).",
      fix: "Register it (`cre discover --write` writes a stub; it may belong to payments (tag Owner)), end it there, or accept it for a while with an exception from `unmanaged`.",
    });
  });

  test("has one fingerprint whatever it looks like by now", () => {
    const [before] = findingsOf([key("AKIA1")]);
    const [after] = findingsOf([
      key("AKIA1", { live: false, place: "123456789012/other", lastUsedOn: "2026-02-28" }),
    ]);
    expect(after?.fingerprint).toBe(before?.fingerprint);
  });

  test("with a weakness is two findings", () => {
    expect(told([key("AKIA1", { concerns: ["of the root user"] })])).toEqual([
      "discovery-concern warning",
      "unmanaged warning",
    ]);
  });
});

describe("an exception from what nobody registered", () => {
  test.each([
    ["its handle", ["AKIA1"]],
    ["its place", ["123456789012/deploy"]],
    ["a pattern of what was there when it began", ["AKIA*"]],
  ])("names %s", (_, sightings) => {
    expect(told([key("AKIA1")], { documents: [accepting(sightings)] })).toEqual([
      "unmanaged warning waived by known",
    ]);
  });

  test.each([
    ["another handle", ["AKIA2"], {}],
    ["another code", ["AKIA1"], { finding: "discovery-concern" }],
    ["a pattern that began before it was seen", ["AKIA*"], { startsAt: "2026-02-20" }],
    ["an end that is over", ["AKIA1"], { startsAt: "2026-02-01", expiresAt: "2026-03-01" }],
  ])("waives nothing by %s", (_, sightings, spec) => {
    const found = told([key("AKIA1")], { documents: [accepting(sightings, spec)] });
    expect(found).toContain("unmanaged warning");
  });

  test("of places has to name all of them", () => {
    const on = (host: string) =>
      key("SHA256:a", { kind: "ssh-key", place: `${host}/.ssh/authorized_keys:1` });
    const facts = [on("web-1:/root"), on("web-1:/home/eve")];
    const documents = [accepting(["web-1:/root*"])];
    expect(told(facts, { documents })).toContain("unmanaged warning");
  });

  test("never covers a registered credential", () => {
    const document = credential("deploy-key", {
      provider: { "aws-iam": { connection: "prod", user: "deploy" } },
    });
    const documents = [document, accepting(["*"], { finding: "ghost" })];
    expect(told([], { documents })).toContain("ghost warning deploy-key");
  });
});

describe("a registered credential", () => {
  const document = credential("deploy-key", { handle: "AKIA1" });
  const one = status("deploy-key", { versions: [version("2026-01-01", { handle: "AKIA1" })] });

  test("has findings of its own: a ghost, drift, a shared key, a weakness", () => {
    expect(told([], { documents: [document] })).toContain("ghost warning deploy-key");
    const beside = [key("AKIA1", { means: "deploy-key" }), key("AKIA2", { means: "deploy-key" })];
    expect(told(beside, { documents: [document], statuses: [one] })).toContain("drift critical deploy-key");
    const weak = [key("AKIA1", { concerns: ["of the root user"] })];
    expect(told(weak, { documents: [document] })).toContain("discovery-concern warning deploy-key");
    const on = (host: string) =>
      key("SHA256:a", { kind: "ssh-key", place: `${host}/.ssh/authorized_keys:1` });
    const documents = [credential("root-key", { type: "ssh-key", handle: "SHA256:a" })];
    expect(told([on("web-1:/root"), on("web-1:/home/eve")], { documents })).toContain(
      "shared-credential warning root-key",
    );
  });

  test("that drifts is as bad as its findings, and an ordinary exception waives them", () => {
    const beside = [key("AKIA1", { means: "deploy-key" }), key("AKIA2", { means: "deploy-key" })];
    const waiver = exception("both", { credentials: ["deploy-key"], finding: "drift" });
    const found = told(beside, { documents: [document, waiver], statuses: [one] });
    expect(found).toContain("drift critical deploy-key waived by both");
  });

  test("whose rotator saw the drift itself is told once", () => {
    const behind = { code: "drift", message: "AKIA2 lives", since: at("2026-02-27") } as const;
    const statuses = [status("deploy-key", { versions: one.versions, behind })];
    const found = told([key("AKIA2", { means: "deploy-key" })], { documents: [document], statuses });
    expect(found.filter((line) => line.startsWith("drift"))).toHaveLength(1);
  });
});

describe("a source", () => {
  const declared = settings({ discovery: [AWS] });

  test("that was never looked at is a finding, and one that was not seen whole", () => {
    const codes = (books: Parameters<typeof evaluateAt>[2]) =>
      evaluateAt(NOW, [declared], books).findings.map((finding) => findingText(finding).message);
    expect(codes({})).toEqual(["The source prod-aws was not seen whole: no run has looked at it yet."]);
    const broken = { account: look([], { complete: false, problems: ["iam:ListUsers is denied"] }) };
    const { book: discovery } = learn({ discovery: [AWS] }, { "prod-aws": broken });
    expect(codes({ books: { discovery } })).toEqual([
      "The source prod-aws was not seen whole: account: iam:ListUsers is denied.",
    ]);
  });

  test("that nobody declares says nothing", () => {
    expect(evaluateAt(NOW, [], { books: { discovery: book([key("AKIA1")]) } }).findings).toEqual([]);
  });
});
