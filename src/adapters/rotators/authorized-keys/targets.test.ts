import { describe, expect, test } from "vitest";
import { readInventory } from "./targets.ts";

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
