import { describe, expect, test } from "vitest";
import type { ConnectionSpec } from "../../../core/documents/connection.ts";
import { readInventory } from "../../clients/ssh/inventory.ts";
import { targetsOf } from "./targets.ts";

const read = (text: string): readonly string[] =>
  readInventory(text, "hosts.txt").map(({ name, port }) => `${name} ${port ?? "-"}`);

describe("an inventory", () => {
  test("names a host in each line, with a port where it has one", () => {
    expect(read("web-1.internal\r\n# more\n\n web-2:2222  # the second\n[fd00::7]:22\n10.0.0.3")).toEqual([
      "web-1.internal -",
      "web-2 2222",
      "fd00::7 22",
      "10.0.0.3 -",
    ]);
  });

  test.each([
    ["web-1\nweb 2", "hosts.txt:2"],
    ["web-1:0", "hosts.txt:1"],
    ["web-1:70000", "hosts.txt:1"],
    ["user@web-1", "hosts.txt:1"],
    ["web-1\n\nWEB-1", "hosts.txt:3"],
    ["# nobody", "no host"],
    [Array.from({ length: 501 }, (_, at) => `web-${at}`).join("\n"), "501 hosts"],
  ])("with anything else is refused at its line: %j", (text, where) => {
    expect(() => read(text)).toThrow(where);
  });
});

describe("the hosts of a document", () => {
  const at = (host: string | undefined, port?: number): ConnectionSpec => ({
    ssh: {
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      user: "deploy",
      key: { env: "K" },
      knownHosts: "known",
    },
    allow: { objects: ["deploy"] },
  });

  test.each([
    ["web-1", "web-1:22"],
    ["web-1.internal", "WEB-1.internal.:22"],
  ])("are named once each: %s and %s are one", (first, second) => {
    const inventory = { file: "hosts.txt", connection: "all" };
    const readFile = (): string => `${first}\n${second}\n`;
    const bound = () =>
      targetsOf({ inventory, user: "deploy" }, { connection: () => at(undefined), readFile });
    expect(bound).toThrow(/the same host web-1/);
  });

  test("are one by whatever connection they are reached", () => {
    const specs: Record<string, ConnectionSpec> = {
      a: at("web-1"),
      b: at("WEB-1", 22),
      c: at("web-1", 2222),
    };
    const ports = { connection: (name: string) => specs[name] ?? at("none"), readFile: () => "" };
    expect(() => targetsOf({ hosts: ["a", "b"], user: "deploy" }, ports)).toThrow(
      /b and a are the same host/,
    );
    expect(targetsOf({ hosts: ["a", "c"], user: "deploy" }, ports)).toHaveLength(2);
  });
});
