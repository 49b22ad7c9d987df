import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEditPath, pathText, withValue } from "./edit-path.ts";

const paths: readonly [text: string, path: readonly (string | number)[]][] = [
  ["spec.rotatedAt", ["spec", "rotatedAt"]],
  ["spec.access[0].until", ["spec", "access", 0, "until"]],
  ["spec.access.0.until", ["spec", "access", 0, "until"]],
  ['metadata.labels["team.example/tier"]', ["metadata", "labels", "team.example/tier"]],
];
for (const [text, path] of paths) {
  test(`${text} is a path`, () => expect(parseEditPath(text)).toEqual(path));
}

for (const text of ["", ".", "spec.", ".spec", "spec..a", "spec[", "spec[x]", "spec]a", "spec[0]a", 'a["']) {
  test(`\`${text}\` is no path`, () => expect(() => parseEditPath(text)).toThrow(/no path of a field/));
}

test("a path is written as it is read", () => {
  const key = fc.oneof(
    fc.stringMatching(/^[^.[\]"\d][^.[\]"]*$/),
    fc.stringMatching(/^[a-z]+\.[a-z/]+$/),
    fc.integer({ min: 0, max: 9999 }),
  );
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 5 }), (path) => {
      expect(parseEditPath(pathText(path))).toEqual(path);
    }),
  );
});

test("a value is put into a copy, with what is missing on the way", () => {
  const tree = { spec: { access: [{ principal: "a" }] } };
  expect(withValue(tree, ["spec", "access", 1, "principal"], "b")).toEqual({
    spec: { access: [{ principal: "a" }, { principal: "b" }] },
  });
  expect(withValue(tree, ["spec", "manual", "console"], "c")).toEqual({
    spec: { access: [{ principal: "a" }], manual: { console: "c" } },
  });
  expect(tree).toEqual({ spec: { access: [{ principal: "a" }] } });
});
