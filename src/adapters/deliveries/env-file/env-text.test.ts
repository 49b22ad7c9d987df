import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currentAttempt, isClosed, parseStaged, showsVersion, stagedText, withVersion } from "./env-text.ts";

function version(attempt: string, values: Readonly<Record<string, string>>) {
  return {
    attempt,
    assignments: new Map(Object.entries(values).map(([name, value]) => [name, `${name}=${value}`])),
  };
}

const a1 = version("a1", { URL: "new" });

describe("withVersion", () => {
  test.each([
    ["an empty file", "", "# cre: attempt a1 of db\nURL=new\n"],
    ["a file without it", "A=1\n", "A=1\n# cre: attempt a1 of db\nURL=new\n"],
    ["a last line without an end", "A=1", "A=1\n# cre: attempt a1 of db\nURL=new\n"],
    ["its own line, where it stands", "A=1\nURL=old\nB=2\n", "A=1\nURL=new\nB=2\n# cre: attempt a1 of db\n"],
    [
      "export, indentation and spaces",
      "\t export URL = old # note\n",
      "\t export URL=new\n# cre: attempt a1 of db\n",
    ],
    ["the same variable twice", "URL=old\nURL=older\n", "URL=new\nURL=new\n# cre: attempt a1 of db\n"],
    ["Windows line ends", "A=1\r\nURL=old\r\n", "A=1\r\nURL=new\r\n# cre: attempt a1 of db\r\n"],
    ["mixed line ends", "A=1\nURL=old\r\nB=2\n", "A=1\nURL=new\r\nB=2\n# cre: attempt a1 of db\n"],
    [
      "a byte order mark",
      "\u00ef\u00bb\u00bfURL=old\n",
      "\u00ef\u00bb\u00bfURL=new\n# cre: attempt a1 of db\n",
    ],
    ["its own record", "# cre: attempt a0 of db\nURL=old\n", "# cre: attempt a1 of db\nURL=new\n"],
    [
      "a record of another credential",
      "# cre: attempt a0 of other\n",
      "# cre: attempt a0 of other\n# cre: attempt a1 of db\nURL=new\n",
    ],
    [
      "names that begin or end alike",
      "URLS=1\nMY_URL=2\nURL.X=3\n",
      "URLS=1\nMY_URL=2\nURL.X=3\n# cre: attempt a1 of db\nURL=new\n",
    ],
    [
      "a comment that looks like it",
      "#URL=old\n # URL=old\n",
      "#URL=old\n # URL=old\n# cre: attempt a1 of db\nURL=new\n",
    ],
    ["a value over several lines", 'URL="one\nA=1\ntwo"\nB=2\n', "URL=new\nB=2\n# cre: attempt a1 of db\n"],
    [
      "its name within another's value",
      'PEM="one\nURL=x\n\\"two"\nURL=old\n',
      'PEM="one\nURL=x\n\\"two"\nURL=new\n# cre: attempt a1 of db\n',
    ],
    [
      "its name within single quotes",
      "PEM='one\nURL=x\ntwo'\n",
      "PEM='one\nURL=x\ntwo'\n# cre: attempt a1 of db\nURL=new\n",
    ],
    [
      "a line that carries on",
      "A=one\\\nURL=x\nURL=old\n",
      "A=one\\\nURL=x\nURL=new\n# cre: attempt a1 of db\n",
    ],
    ["a quote that never ends", 'A="one\nURL=old\n', 'A="one\nURL=new\n# cre: attempt a1 of db\n'],
    ["an apostrophe in a comment", "A=1 # it's\nURL=old\n", "A=1 # it's\nURL=new\n# cre: attempt a1 of db\n"],
    ["its own line at the end without an end", "URL=old", "URL=new\n# cre: attempt a1 of db\n"],
  ])("of %s", (_, before, after) => {
    expect(withVersion(before, "db", a1)).toBe(after);
    expect(currentAttempt(after, "db")).toBe("a1");
  });

  const anyText = fc.oneof(
    fc.string({ unit: fc.constantFrom("A", "U", "=", "\n", "\r", "'", '"', "\\", "#", " ", "\t") }),
    fc
      .array(
        fc.constantFrom(
          "URL=x",
          "A=1",
          "export B='2'",
          "# note",
          "",
          'P="a',
          'b"',
          "# cre: attempt a0 of other",
          "\u00e9\u00ff",
        ),
      )
      .map((lines) => lines.join("\n")),
  );

  test("is found again, changes nothing the second time, and gives way to the next", () => {
    const value = fc.constantFrom("new", "'n w'", `"it's"`);
    fc.assert(
      fc.property(anyText, value, (text, first) => {
        const one = version("a1", { URL: first });
        const once = withVersion(text, "db", one);
        fc.pre(isClosed(text) && !text.endsWith("\\"));
        expect(showsVersion(once, "db", one)).toBe(true);
        expect(currentAttempt(once, "db")).toBe("a1");
        expect(withVersion(once, "db", one)).toBe(once);
        const two = version("a2", { URL: "newer" });
        const next = withVersion(once, "db", two);
        expect(showsVersion(next, "db", two)).toBe(true);
        expect(next).not.toContain(`URL=${first}\n`);
      }),
    );
  });

  test.each([
    ["A='x\n", false],
    ["A='x'\n", true],
    ['A="x\n', false],
    ['A="x"\n', true],
    ["A=x\\", false],
    ["URL=old\nA='x\n", true],
  ])("with quotes of its own behind %j is shown: %s", (text, shown) => {
    const quoted = version("a1", text.startsWith("URL") ? { URL: "'n w'" } : { URL: "'n w'", NEXT: '"m"' });
    expect(showsVersion(withVersion(text, "db", quoted), "db", quoted)).toBe(shown);
  });

  test.each([
    ["A='x", false],
    ["A=it's\n", false],
    ['A="it\'s"\n', true],
    ["A=1 # it's\n# it's\n", true],
    ["A='x\ny'\n", true],
    ["", true],
  ])("%j has all its quotes closed: %s", (text, closed) => {
    expect(isClosed(text)).toBe(closed);
  });

  test("leaves every line of others byte for byte and in order", () => {
    const line = fc
      .tuple(
        fc.constantFrom("A", "B_1", "export C", "d.e", "# note", ""),
        fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) }),
        fc.constantFrom("\n", "\r\n"),
      )
      .map(
        ([name, value, end]) =>
          `${name}${name.startsWith("#") || name === "" ? "" : "="}${value.replaceAll(/['"\\`]/g, "")}${end}`,
      )
      .filter((text) => !/^\s*(export\s+)?URL\s*=/.test(text));
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (before, after) => {
        const text = `${before.join("")}URL=old\n${after.join("")}`;
        expect(withVersion(text, "db", a1)).toBe(
          `${before.join("")}URL=new\n${after.join("")}# cre: attempt a1 of db${/\r?\n$/.exec(before[0] ?? "\n")?.[0]}`,
        );
      }),
    );
  });

  test("puts the value in force for a reader, whatever stood before in simple lines", () => {
    const simple = fc.array(
      fc.constantFrom("URL=old", 'URL="old old"', "export URL='x'", "A=1", "", "# URL=c", "URL ="),
    );
    fc.assert(
      fc.property(simple, (lines) => {
        expect(parseEnv(withVersion(lines.join("\n"), "db", a1))["URL"]).toBe("new");
      }),
    );
  });

  test("takes no longer than the file is long", () => {
    const started = performance.now();
    for (const line of ['A="x"\n', "A='\n", "A=\\\n", "A=`\"'\n", "A=1\n"]) {
      withVersion(line.repeat(150_000), "db", a1);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("a staged file", () => {
  test("is read back as it was written", () => {
    const staged = version("a1", { URL: "'x y'", USER: "a" });
    expect(stagedText("db", staged)).toBe("# cre: staged attempt a1 of db\nURL='x y'\nUSER=a\n");
    expect(parseStaged(stagedText("db", staged), "db")).toEqual(staged);
  });

  test("of another credential, cut off, or of something else is none", () => {
    const text = stagedText("db", a1);
    expect(parseStaged(text, "other")).toBeUndefined();
    expect(parseStaged(text.slice(0, -1), "db")).toBeUndefined();
    expect(parseStaged("URL=new\n", "db")).toBeUndefined();
    expect(parseStaged("# cre: attempt a1 of db\nURL=new\n", "db")).toBeUndefined();
    expect(parseStaged("", "db")).toBeUndefined();
  });

  test("is not taken for one that is in use", () => {
    expect(currentAttempt(stagedText("db", a1), "db")).toBeUndefined();
  });
});
