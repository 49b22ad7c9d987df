import { describe, expect, test } from "vitest";
import { AWS, key, look, seen } from "../../testing/discovery/looks.ts";
import { at } from "../../testing/evaluation/world.ts";
import { looksSecret } from "../documents/check/secret-looking.ts";
import type { SightingFact } from "../state/discovery-book.ts";
import { codeownersOf } from "./codeowners.ts";
import { type GuessWorld, guessOwner } from "./guess-owner.ts";
import { stubOf } from "./stub.ts";

const TEAMS: GuessWorld["teams"] = {
  payments: { mail: "pay@example.com", github: "acme/payments" },
  orders: { slack: "#orders" },
};

function stub(fact: SightingFact, world: Partial<GuessWorld> = {}, taken: readonly string[] = []) {
  const [thing] = seen({ discovery: [AWS] }, { "prod-aws": { account: look([fact]) } }).unmanaged;
  if (thing === undefined) throw new Error("it is registered");
  return stubOf(thing, { teams: TEAMS, codeowners: [], ...world }, (name) => !taken.includes(name));
}

describe("a stub", () => {
  test("says of an access key which it is, and no line of it looks like a secret", () => {
    const { notes } = stub(key("AKIAIOSFODNN7EXAMPLE"));
    expect(notes.join("\n")).toContain("AKIAIOSFODNN7EXAMPLE");
    for (const note of notes) expect(looksSecret(`# ${note}`)).toBe(false);
  });

  test("says what the provider tells, and how it is known again", () => {
    const { name, spec } = stub(key("AKIA0000ABCD", { expiresAt: at("2026-09-01") }));
    expect(name).toBe("deploy-abcd");
    expect(spec).toEqual({
      type: "api-key",
      service: "prod-aws",
      owner: { team: "", contact: "" },
      createdAt: "2026-01-01",
      expiresAt: "2026-09-01",
      method: "manual",
      handle: "AKIA0000ABCD",
    });
  });

  test("of a served certificate has its endpoints, one of a role its place for a handle", () => {
    const served = key("SHA256:aa", { kind: "tls-certificate", place: "www.example.com:443" });
    expect(stub(served).spec).toMatchObject({ type: "tls-certificate", endpoints: ["www.example.com:443"] });
    const { createdAt: _, ...role } = key("app", { kind: "postgresql-login", place: "db:5432/app" });
    expect(stub(role)).toMatchObject({
      name: "app",
      spec: { handle: "db:5432/app", createdAt: "2026-03-01" },
    });
    expect(stub(role).guesses.get("createdAt")).toContain("not known");
  });

  test("marks its guesses, and leaves empty what nobody can guess", () => {
    expect(stub(key("AKIA1")).guesses.get("owner")).toBe("FILL IN: nothing says who owns it");
    const hinted = key("AKIA1", { ownerHints: [{ source: "tag Team", text: "Payments" }] });
    expect(stub(hinted)).toMatchObject({ spec: { owner: { team: "payments", contact: "pay@example.com" } } });
    expect(stub(hinted).guesses.get("owner")).toBe("a guess from tag Team");
  });

  test("takes no name that another document has", () => {
    expect(stub(key("AKIA1"), {}, ["deploy-kia1"]).name).toBe("deploy-kia1-2");
  });
});

describe("an owner is guessed", () => {
  const guess = (text: string, world: Partial<GuessWorld> = {}) =>
    guessOwner({ ownerHints: [{ source: "tag Owner", text }] }, { teams: TEAMS, codeowners: [], ...world });

  test.each([
    ["the name of a team", "orders"],
    ["its channel", "#orders"],
    ["its name in other letters", "Orders"],
  ])("from %s", (_, text) => {
    expect(guess(text)).toMatchObject({ team: "orders", contact: "#orders", from: "tag Owner" });
  });

  test("from its mail address or its team on the forge", () => {
    expect(guess("PAY@example.com")?.team).toBe("payments");
    expect(guess("@acme/payments")?.team).toBe("payments");
  });

  test("from CODEOWNERS where nothing else says it, never over a hint", () => {
    const codeowners = ["@acme/payments"];
    expect(guess("who knows", { codeowners })).toMatchObject({ team: "payments", from: "CODEOWNERS" });
    expect(guess("orders", { codeowners })?.team).toBe("orders");
  });

  test("from nothing that means no team, unless no team is declared", () => {
    expect(guess("who knows")).toBeUndefined();
    expect(guess("Ann Lee <x>", { teams: {} })).toMatchObject({ team: "ann-lee-x" });
  });
});

test.each([
  ["* @a\n/registry/ @b\n/registry/web.yaml @c", "registry/discovered/aws.yaml", ["@b"]],
  ["* @a\n/registry/discovered/*.yaml @b @c # both", "registry/discovered/aws.yaml", ["@b", "@c"]],
  ["discovered/ @b", "registry/discovered/aws.yaml", ["@b"]],
  ["/policies/ @b", "registry/discovered/aws.yaml", []],
  ["* @a\n/registry/discovered/", "registry/discovered/aws.yaml", []],
])("CODEOWNERS %j: the last rule that matches decides", (text, path, owners) => {
  expect(codeownersOf(text, path)).toEqual(owners);
});
