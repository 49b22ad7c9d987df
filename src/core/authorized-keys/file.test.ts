import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editAuthorizedKeys, type LineEdit, readAuthorizedKeys } from "./file.ts";
import { areOptions, type LineMark, OFF, optionsOf, readKeyLine } from "./key-line.ts";

const KEY = `AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(42)}B`;
const line = (words: string): ReturnType<typeof readKeyLine> => readKeyLine(words, 0);
const MARK: LineMark = { credential: "deploy-key", mark: { rotation: "r-1", attempt: "a.1", epoch: 3 } };

describe("a line", () => {
  test.each([
    [`ssh-ed25519 ${KEY}`, { options: "", comment: "", active: true }],
    [` \tssh-ed25519 \t ${KEY} alice@laptop  two words `, { comment: "alice@laptop  two words " }],
    [`ssh-ed25519 ${KEY} crlf\r`, { comment: "crlf" }],
    [`ssh-ed25519 ${KEY}\r`, { comment: "", key: KEY }],
    [`restrict,pty ssh-ed25519 ${KEY}`, { options: "restrict,pty" }],
    [
      `command="echo \\"a b\\", #c",no-pty ssh-rsa ${KEY} x`,
      { options: 'command="echo \\"a b\\", #c",no-pty' },
    ],
    [`from="10.0.0.0/8,!10.1.1.1"\tssh-ed25519 ${KEY}`, { options: 'from="10.0.0.0/8,!10.1.1.1"' }],
    [`cert-authority,principals="a,b" ssh-rsa ${KEY}`, { authority: true }],
    [`environment="X=cert-authority" ssh-rsa ${KEY}`, { authority: false }],
    [`${OFF}no-pty ssh-ed25519 ${KEY} x`, { active: false, options: "no-pty", comment: "x" }],
    [`sk-ssh-ed25519@openssh.com ${KEY}`, { type: "sk-ssh-ed25519@openssh.com" }],
    [`ssh-ed25519 ${KEY} x cre:deploy-key:r-1:a.1:3 added later\r`, { mark: MARK }],
    [`ssh-ed25519 ${KEY} cre:deploy-key:r-1:a.1`, { comment: "cre:deploy-key:r-1:a.1" }],
  ])("with a key: %j", (text, wanted) => {
    expect(line(text)).toMatchObject({ authority: false, ...wanted });
  });

  test.each(["", "  ", "\t\r", "# ssh-ed25519 AAAA", `  #${KEY}`, `#ssh-ed25519 ${KEY}`, `${OFF}nonsense`])(
    "without one: %j",
    (text) => {
      expect(line(text)).toBe("nothing");
    },
  );

  test.each([
    "@cert-authority *.example.com",
    "ssh-ed25519",
    "ssh-ed25519 not-base-64!",
    `ssh-unknown ${KEY}`,
    `command="never closed ssh-ed25519 ${KEY}`,
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "\u00ff\u0000\u0001",
  ])("that sshd passes over: %j", (text) => {
    expect(line(text)).toBe("unreadable");
  });

  test("tells its options by name and value", () => {
    expect(optionsOf('Restrict,FROM="a,b",command="say \\"x,y\\"",expiry-time="20270101"')).toEqual([
      { name: "restrict" },
      { name: "from", value: "a,b" },
      { name: "command", value: 'say \\"x,y\\"' },
      { name: "expiry-time", value: "20270101" },
    ]);
    expect(["restrict", 'command="a b"'].map(areOptions)).toEqual([true, true]);
    expect(["", "a b", 'x="', "ssh-rsa", "a\nb"].map(areOptions)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

/** Any bytes at all, and among them lines that look like something. */
const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const plain = bytes.map((text) => text.replaceAll("\n", ""));
const comment = plain.filter((text) => !/^[ \t]|\r$/.test(text) && !/cre:/.test(text));
const options = fc.constantFrom("", "restrict ", 'command="a \\" b",no-pty\t', 'from="*,!x" ', "  ");
const keyLine = fc
  .tuple(options, fc.constantFrom("ssh-ed25519", "ssh-rsa"), fc.integer({ min: 0, max: 4 }), comment)
  .map(
    ([before, type, which, after]) =>
      `${before}${type} ${KEY.slice(0, -1)}${which}${after === "" ? "" : ` ${after}`}`,
  );
const fileText = fc
  .tuple(
    fc.array(fc.tuple(fc.oneof(plain, keyLine), fc.constantFrom("\n", "\r\n")), { maxLength: 12 }),
    fc.oneof(fc.constant(""), plain, keyLine),
  )
  .map(([lines, last]) => `${lines.map((pair) => pair.join("")).join("")}${last}`);

describe("any file", () => {
  test("is the same when nothing is edited, and reading it never fails", () => {
    fc.assert(
      fc.property(fileText, (text) => {
        readAuthorizedKeys(text);
        expect(editAuthorizedKeys(text, new Map())).toBe(text);
      }),
    );
  });

  test("gets a line at its end, deactivates, restores and deletes one, and is as it was but for a missing last end", () => {
    fc.assert(
      fc.property(fileText, (text) => {
        const begun = text === "" || text.endsWith("\n") ? text : `${text}\n`;
        const added = editAuthorizedKeys(text, new Map(), [`ssh-ed25519 ${KEY} new`]);
        expect(added.startsWith(begun)).toBe(true);
        const last = readAuthorizedKeys(added).keys.at(-1);
        expect(last).toMatchObject({ comment: "new", active: true });
        const at = last?.at ?? -1;
        const off = editAuthorizedKeys(added, new Map([[at, { active: false }]]));
        expect(readAuthorizedKeys(off).keys.at(-1)).toMatchObject({ ...last, active: false });
        expect(editAuthorizedKeys(off, new Map([[at, { active: true }]]))).toBe(added);
        expect(editAuthorizedKeys(off, new Map([[at, "gone"]]))).toBe(begun);
      }),
    );
  });

  test("no byte of any other line changes, whatever is done to some", () => {
    const edit = fc.constantFrom<LineEdit>(
      "gone",
      { active: false },
      { active: true, mark: MARK },
      { mark: MARK },
    );
    fc.assert(
      fc.property(fileText, fc.array(edit, { minLength: 1, maxLength: 8 }), (text, kinds) => {
        const { keys } = readAuthorizedKeys(text);
        const edits = new Map(
          keys.flatMap(({ at }, index): [number, LineEdit][] => {
            const kind = kinds[index % kinds.length];
            return index % 2 === 0 && kind !== undefined ? [[at, kind]] : [];
          }),
        );
        const lines = text.split("\n");
        const after = editAuthorizedKeys(text, edits).split("\n");
        const others = lines.filter((_, at) => !edits.has(at));
        const kept = [...edits].filter(([, kind]) => kind !== "gone");
        // What is left is the others, in their order, with the edited ones between them.
        let next = 0;
        for (const one of after) if (next < others.length && one === others[next]) next += 1;
        const ended = edits.get(lines.length - 1) === "gone" && after.at(-1) === "";
        expect(next).toBe(others.length);
        expect(after.length - (ended ? 1 : 0)).toBe(others.length + kept.length);
      }),
    );
  });

  test("a mark is all that is added to a line, it is read back, and another takes its place", () => {
    fc.assert(
      fc.property(keyLine, fc.constantFrom("", "\r"), (text, end) => {
        const before = readKeyLine(`${text}${end}`, 0);
        const marked = editAuthorizedKeys(`${text}${end}`, new Map([[0, { mark: MARK }]]));
        expect(marked).toBe(`${text} cre:deploy-key:r-1:a.1:3${end}`);
        const read = readKeyLine(marked, 0);
        if (typeof before === "string" || typeof read === "string") throw new Error("not a line with a key");
        expect(read).toMatchObject({
          mark: MARK,
          options: before.options,
          key: before.key,
          type: before.type,
        });
        const later = { ...MARK, mark: { ...MARK.mark, epoch: 12 } };
        expect(editAuthorizedKeys(marked, new Map([[0, { mark: later }]]))).toBe(
          `${text} cre:deploy-key:r-1:a.1:12${end}`,
        );
      }),
    );
  });
});
