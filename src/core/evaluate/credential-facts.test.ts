import { describe, expect, it } from "vitest";
import { at, credential, status, version } from "../../testing/evaluation/world.ts";
import type { CredentialSpec } from "../documents/credential.ts";
import type { Status, VersionFact } from "../state/status.ts";
import { factsOf } from "./credential-facts.ts";

const NOW = "2026-06-01T00:00:00Z";
const OLD = version("2026-02-01");
const NEW = version("2026-05-01", { origin: "issued" });

function facts(spec: Partial<CredentialSpec>, record?: Partial<Status>, now = NOW) {
  const { document } = credential("key", { method: "automated", ...spec });
  return factsOf(document, record === undefined ? undefined : status("key", record), at(now));
}

const versions = (...all: VersionFact[]): Partial<Status> => ({ versions: all });

describe("last", () => {
  it.each<[string, Partial<CredentialSpec>, Partial<Status> | undefined, string]>([
    ["createdAt without anything else", {}, undefined, "2026-01-01"],
    ["rotatedAt of the document", { rotatedAt: "2026-01-20" }, undefined, "2026-01-20"],
    [
      "of a manual one the document, whatever was observed",
      { method: "manual", rotatedAt: "2026-01-20" },
      versions(NEW),
      "2026-01-20",
    ],
    ["of a delegated one what was observed", { method: "delegated" }, versions(NEW), "2026-05-01"],
    ["of an automated one what was observed", { rotatedAt: "2026-01-20" }, versions(NEW), "2026-05-01"],
    ["the oldest live version", {}, versions(NEW, OLD), "2026-02-01"],
    ["not a deactivated one", {}, versions(NEW, { ...OLD, live: false }), "2026-05-01"],
    ["not one past its own end", {}, versions(NEW, { ...OLD, expiresAt: at("2026-06-01") }), "2026-05-01"],
    [
      "one a second before its own end",
      {},
      versions(NEW, { ...OLD, expiresAt: at("2026-06-01T00:00:01Z") }),
      "2026-02-01",
    ],
    ["also a live one that nobody promoted", {}, versions(NEW, { ...OLD, promoted: false }), "2026-02-01"],
    [
      "of a certificate the oldest that is promoted",
      { type: "tls-certificate" },
      versions(NEW, OLD),
      "2026-02-01",
    ],
    [
      "of a certificate only promoted ones",
      { type: "tls-certificate" },
      versions(NEW, { ...OLD, promoted: false }),
      "2026-05-01",
    ],
    [
      "the newest when none lives",
      {},
      versions({ ...OLD, live: false }, { ...NEW, live: false }),
      "2026-05-01",
    ],
    [
      "the recorded rotation when nothing is left",
      {},
      { versions: [], rotatedAt: at("2026-05-02") },
      "2026-05-02",
    ],
  ])("is %s", (_, spec, record, expected) => {
    const found = facts(spec, record);
    expect(found.last).toBe(`${expected}T00:00:00Z`);
  });

  it("is the document's until an adoption has found something", () => {
    const { document } = credential("key", { method: "automated", rotatedAt: "2026-01-20" });
    const { adoptedAt: _, ...unadopted } = status("key");
    expect(factsOf(document, unadopted, at(NOW))).toMatchObject({ last: at("2026-01-20"), observed: false });
  });

  it("names its source", () => {
    expect(facts({}).lastSource).toBe("createdAt of the document");
    expect(facts({}, versions({ ...OLD, handle: "AKIA1", declared: true })).lastSource).toBe(
      "creation of the oldest live version AKIA1, a date that people declared",
    );
    expect(facts({}, versions({ ...OLD, handle: "AKIA1", live: false })).lastSource).toBe(
      "creation of the newest version, since none can authenticate, AKIA1",
    );
  });
});

describe("the own end", () => {
  const END = at("2026-09-01");
  it.each<[string, Partial<CredentialSpec>, Partial<Status> | undefined, string | undefined]>([
    ["none", {}, undefined, undefined],
    ["the document's", { expiresAt: "2026-08-01" }, undefined, "2026-08-01"],
    [
      "the observed one before the document's",
      { expiresAt: "2026-08-01" },
      versions({ ...NEW, expiresAt: END }),
      "2026-09-01",
    ],
    [
      "of the newest promoted version",
      {},
      versions({ ...OLD, expiresAt: at("2026-07-01") }, { ...NEW, expiresAt: END }),
      "2026-09-01",
    ],
    ["the document's for an adopted version", { expiresAt: "2026-08-01" }, versions(OLD), "2026-08-01"],
    ["not the document's for a version issued since", { expiresAt: "2026-08-01" }, versions(NEW), undefined],
    [
      "of a manual key the document's",
      { method: "manual", expiresAt: "2026-08-01" },
      versions({ ...NEW, expiresAt: END }),
      "2026-08-01",
    ],
    [
      "of a manual certificate what is served",
      { method: "manual", type: "tls-certificate", expiresAt: "2026-08-01" },
      versions({ ...OLD, expiresAt: END }),
      "2026-09-01",
    ],
  ])("is %s", (_, spec, record, expected) => {
    expect(facts(spec, record).end?.at).toBe(expected && `${expected}T00:00:00Z`);
  });

  it("counts its lifetime from the creation of the version in use", () => {
    expect(facts({}, versions(OLD, { ...NEW, expiresAt: END })).end?.since).toBe(at("2026-05-01"));
    expect(facts({ rotatedAt: "2026-03-01", expiresAt: "2026-08-01" }).end?.since).toBe(at("2026-03-01"));
  });
});

describe("what lives", () => {
  it("is what was observed, also of a manual one", () => {
    expect(facts({ method: "manual" }, versions(NEW)).live).toEqual([NEW]);
    expect(facts({}, versions(OLD, { ...NEW, live: false })).live).toEqual([OLD]);
  });

  it("is nothing without observation", () => {
    expect(facts({}).live).toEqual([]);
  });

  it("is nothing, by record, when the record lost its last version", () => {
    expect(facts({}, versions())).toMatchObject({ observed: true, live: [] });
  });
});
