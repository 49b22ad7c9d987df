import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../core/documents/kinds.ts";
import { readDocuments } from "./read-documents.ts";
import type { SourceFile } from "./source-file.ts";

const GOOD = `apiVersion: cre/v1
kind: Credential
metadata: { name: good }
spec:
  type: api-key
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  method: manual
`;
const named = (name: string): string => GOOD.replace("name: good", `name: ${name}`);

function file(path: string, content: string | Uint8Array): SourceFile {
  return { path, bytes: typeof content === "string" ? new TextEncoder().encode(content) : content };
}

function told({ file: path, line, column, code }: Problem): string {
  return `${path}:${line}:${column} ${code}`;
}

function readOne(content: string | Uint8Array) {
  return readDocuments([file("registry/bad.yaml", content), file("registry/good.yaml", GOOD)]);
}

const LAUGHS = Array.from(
  { length: 9 },
  (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]`,
).join("\n");
const DEEP = 20_000;

describe("a hostile file is refused at once, at its place, and hides no other", () => {
  test.each<[what: string, content: string | Uint8Array, expected: readonly string[]]>([
    ["billion laughs", `a0: &a0 [x, x, x]\n${LAUGHS}\n`, ["5:40 yaml-too-many-aliases"]],
    [
      "quadratic aliases",
      `a: &a [${"x, ".repeat(1000)}]\nb: [${"*a, ".repeat(90)}]\n`,
      ["2:81 yaml-too-many-aliases"],
    ],
    ["a list in itself", "a: &a\n  - *a\n", ["2:5 yaml-too-many-aliases"]],
    ["20,000 lists in brackets", "[".repeat(DEEP), ["1:33 yaml-too-deep"]],
    ["20,000 maps in brackets", "{a: ".repeat(DEEP), ["1:126 yaml-too-deep"]],
    ["20,000 lists on one line", "- ".repeat(DEEP), ["1:67 yaml-too-deep"]],
    ["20,000 lists closed again", `${"[".repeat(DEEP)}${"]".repeat(DEEP)}`, ["1:33 yaml-too-deep"]],
    ["10 MB of text", "a: b\n".repeat(2_000_000), ["1:1 file-too-large"]],
    ["10 MB on one line", `a: "${"x".repeat(10_000_000)}"`, ["1:1 file-too-large"]],
    ["2,000 documents", "--- {}\n".repeat(2000), ["1001:5 file-too-many-documents"]],
    ["2,000 broken documents", "--- {\n".repeat(2000), ["2:1 yaml-malformed"]],
    ["bytes that are no text", Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a), ["1:4 file-not-utf8"]],
    ["Latin-1", Uint8Array.from("# a\n# M\u00fcller\n", (char) => char.charCodeAt(0)), ["2:4 file-not-utf8"]],
    [
      "a wrong byte behind bare carriage returns",
      Uint8Array.of(0x23, 0x0d, 0x23, 0xff),
      ["2:2 file-not-utf8"],
    ],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 0x61, 0x00), ["1:1 file-not-utf8"]],
    ["a cut character", Uint8Array.of(0x23, 0x20, 0xe2, 0x82), ["1:3 file-not-utf8"]],
    ["a null byte", "a: b\nc: \u0000\n", ["2:4 yaml-control-character"]],
    [
      "prototypes",
      "__proto__: { polluted: true }\na: { constructor: { prototype: {} } }\n",
      ["1:1 key-reserved", "2:6 key-reserved", "2:21 key-reserved"],
    ],
    ["a key without end", `? ${"a ".repeat(50_000)}`, ["1:1 kind-missing"]],
  ])("%s", (_, content, expected) => {
    const { problems, documents } = readOne(content);
    const places = problems.map(told).map((text) => text.replace("registry/bad.yaml:", ""));
    expect(places).toEqual(expected);
    expect([...documents.credentials.keys()]).toEqual(["good"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("20,000 unknown keys are 20,000 problems", () => {
    const { problems } = readOne(
      `kind: Hold\n${Array.from({ length: 20_000 }, (_, at) => `k${at}: 1\n`).join("")}`,
    );
    expect(problems.filter(({ code }) => code === "key-unknown")).toHaveLength(20_000);
  });

  test("a link, and a file that cannot be read", () => {
    const bytes = new Uint8Array();
    const { problems } = readDocuments([
      { path: "registry/link.yaml", bytes, symlink: true },
      { path: "registry/linked/", bytes, symlink: true },
      { path: "registry/locked.yaml", bytes, unreadable: "EACCES" },
    ]);
    expect(problems.map(told)).toEqual([
      "registry/link.yaml:1:1 file-symlink",
      "registry/linked/:1:1 file-symlink",
      "registry/locked.yaml:1:1 file-unreadable",
    ]);
  });
});

describe("what is unusual but sound is read", () => {
  test.each<[what: string, content: string | Uint8Array]>([
    ["an empty file", ""],
    ["blanks", " \n\n"],
    ["comments only", "# nothing yet\n"],
    ["a marker only", "---\n"],
    ["empty documents between others", `---\n# none\n---\n${named("other")}---\n`],
    ["Windows line ends", named("other").replaceAll("\n", "\r\n")],
    ["a byte order mark", `\uFEFF${named("other")}`],
    ["an end marker", `${named("other")}...\n`],
    [
      "aliases in moderation",
      named("other").replace("orders-api", "&service orders-api").concat("  handle: *service\n"),
    ],
  ])("%s", (_, content) => {
    const { problems, count } = readOne(content);
    expect(problems).toEqual([]);
    expect(count).toBeLessThanOrEqual(2);
  });

  test("places are right with Windows line ends and a byte order mark", () => {
    const { problems } = readOne(`\uFEFF# ü\r\n${named("other").replaceAll("\n", "\r\n")}  retire: soon\r\n`);
    expect(problems.map(told)).toEqual(["registry/bad.yaml:11:3 key-unknown"]);
  });

  test("policy tests, schemas, status and other files are no documents", () => {
    const paths = [
      "registry/a.test.yaml",
      "registry/status/x/y.yaml",
      "registry/schema/a.yaml",
      "registry/a.json",
      "other/a.yaml",
      "a.yaml",
    ];
    expect(readDocuments(paths.map((path) => file(path, "[")))).toMatchObject({ problems: [], count: 0 });
  });

  test("both endings of YAML files are", () => {
    const { count } = readDocuments([
      file("registry/a.yaml", named("a")),
      file("registry/deep/b.yml", named("b")),
    ]);
    expect(count).toBe(2);
  });
});

describe("one invalid document", () => {
  test("does not hide the others of its file, whatever is wrong with it", () => {
    const broken = [
      'a: "x',
      "a: 1\na: 2",
      "- [",
      named("Bad"),
      "kind: Nonsense",
      "a: !tag b",
      `# ghp_${"Ab1".repeat(12)}\n${named("leak")}`,
    ];
    const text = broken.map((one, at) => `${one}\n---\n${named(`good-${at}`)}`).join("---\n");
    const { documents, problems } = readOne(text);
    expect([...documents.credentials.keys()]).toEqual([...broken.map((_, at) => `good-${at}`), "good"]);
    expect(problems.map(({ code }) => code)).toEqual([
      "yaml-malformed",
      "key-duplicate",
      "yaml-malformed",
      "name-invalid",
      "kind-unknown",
      "yaml-tag",
      "secret-looking",
    ]);
  });

  test("is known by name as far as that can be told, so that nobody takes it for gone", () => {
    const text = `${named("bad")}  colour: red\n---\n${named("twice")}---\n${named("twice")}---\n${named("cut-off")}  dependsOn: [missing]\n`;
    const { invalid } = readOne(text);
    expect(invalid.map(({ kind, name, line }) => `${kind} ${name} ${line}`)).toEqual([
      "Credential bad 1",
      "Credential twice 12",
      "Credential twice 22",
      "Credential cut-off 32",
    ]);
  });

  test("is told once: what refers to it is held back without a problem of its own", () => {
    const credential = GOOD.replace("method: manual", "method: automated").replace(
      "type: api-key",
      "type: database-password",
    );
    const uses = `${credential}  provider: { postgresql: { connection: cluster, database: a, roles: [a] } }\n  deliver: [ { webhook: { connection: hook } } ]\n`;
    for (const policies of [
      "kind: Connection\nmetadata: { name: cluster }\n---\nkind: Connection\nmetadata: { name: hook }\n",
      "a: [\n",
    ]) {
      const { documents, problems, invalid } = readDocuments([
        file("registry/a.yaml", uses),
        file("policies/a.yaml", policies),
      ]);
      expect(problems.every((problem) => problem.file === "policies/a.yaml")).toBe(true);
      expect(documents.credentials.size).toBe(0);
      expect(invalid).toContainEqual({ kind: "Credential", name: "good", file: "registry/a.yaml", line: 1 });
    }
  });

  test("of the settings stays where only its references are wrong, since it says where the state is", () => {
    const settings =
      "apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec: { state: { branch: same }, routes: [ { to: [nowhere] } ] }\n";
    const { documents, problems } = readDocuments([file("policies/settings.yaml", settings)]);
    expect(problems.map(({ code }) => code)).toEqual(["channel-unknown"]);
    expect(documents.settings?.document.spec.state?.branch).toBe("same");
  });

  test("of the settings in a folder of the teams is not taken", () => {
    const settings =
      "apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec: { paths: [/etc] }\n";
    expect(readDocuments([file("registry/settings.yaml", settings)]).documents.settings).toBeUndefined();
  });
});

describe("whatever stands in a file", () => {
  const piece = fc.constantFrom(
    ..."apiVersion: cre/v1|kind: Credential|kind: Policy|metadata:|  name: x|spec:|---|...|- |  |\n|\r\n|\t|: |{|}|[|]|,|&a|*a|!t|!!str|? |#|\"|'|\\|>|%YAML 1.2|<<: |__proto__: |constructor: |\u0000|ü|\u2028|null|~|0x1f|.inf|2026-02-30|1d".split(
      "|",
    ),
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
    fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("\n")),
    fc.string(),
  );
  const canary = "ghp_q8Zr2Lk7Vt5Xw1Nb4Hc9Md3Sf6Pg0Jy7Ta2";

  test("reading it never throws, pollutes nothing, and points into the file", () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(text, (content) => {
        const { problems, warnings } = readDocuments([file("registry/a.yaml", content)]);
        const lines = content.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
        for (const { line, column } of [...problems, ...warnings]) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 2);
        }
      }),
      { numRuns: 1500 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });

  test("bytes that are not even text are no exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(readDocuments([file("policies/a.yaml", bytes)]).documents.policies.size).toBe(0);
      }),
    );
  });

  test("a secret is refused wherever it stands, and no message repeats it", () => {
    const lines = `${GOOD}  handle: h\n`.split("\n");
    fc.assert(
      fc.property(fc.nat(lines.length - 2), fc.nat(60), (line, at) => {
        const target = lines[line] ?? "";
        const cut = Math.min(at, target.length);
        const spoilt = lines.with(line, `${target.slice(0, cut)} ${canary} ${target.slice(cut)}`).join("\n");
        const read = readDocuments([file("registry/a.yaml", spoilt)]);
        expect(read.problems.some(({ code }) => code === "secret-looking")).toBe(true);
        expect(
          JSON.stringify([read.problems, read.warnings, read.invalid.map(({ file: path }) => path)]),
        ).not.toContain(canary);
        expect(read.documents.credentials.size).toBe(0);
      }),
    );
  });

  test("the order of the files changes nothing", () => {
    const files = [
      file("registry/a.yaml", named("a")),
      file("registry/b.yaml", named("a")),
      file("policies/c.yaml", "a: ["),
      file("registry/d.yaml", `${named("d")}  x: 1\n`),
    ];
    const once = readDocuments(files);
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        expect(readDocuments(shuffled)).toEqual(once);
      }),
      { numRuns: 24 },
    );
  });
});
