import fc from "fast-check";
import { expect, test } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import { credentialText, discoveryPorts } from "../../../testing/suites/discovery-bench.ts";
import { pathMatches, targetsOf } from "./targets.ts";

const SETTINGS = "apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec: {}\n";

test("one endpoint is looked at once, however many name it and however they write it", () => {
  const { ports } = discoveryPorts({
    policies: SETTINGS,
    registry: credentialText(
      "shop",
      "tls-certificate",
      '  endpoints: ["WWW.Shop.example.:443", "[2001:DB8::1]:443"]',
    ),
    files: { "a.yaml": "https://www.shop.io and pay.shop.io:8443", "b/c.yaml": "https://www.shop.io/" },
  });
  const { all, means } = targetsOf(
    {
      endpoints: ["www.shop.example:443"],
      registry: true,
      files: ["**/*.yaml"],
      ranges: [{ cidr: "2001:db8::/127", ports: [443] }],
    },
    ports,
  );
  expect(all.map(({ key, origin }) => `${key} ${origin}`)).toEqual([
    "[2001:db8::1]:443 registry",
    "[2001:db8::]:443 range",
    "pay.shop.io:8443 file",
    "www.shop.example:443 named",
    "www.shop.io:443 file",
  ]);
  expect(means.get("www.shop.example:443")).toBe("identity of shop");
});

test("what cannot be looked at in one go is refused", () => {
  const { ports } = discoveryPorts({ policies: SETTINGS });
  const range = (cidr: string, count: number) => () =>
    targetsOf({ ranges: [{ cidr, ports: Array.from({ length: count }, (_, at) => at + 1) }] }, ports);
  expect(range("10.0.0.0/8", 1)).toThrow(CreError);
  expect(range("10.0.0.0/20", 5)).toThrow("more than 16384");
  expect(range("10.0.0.0/20", 4)().all).toHaveLength(16_384);
});

test.each([
  ["deploy/*.yaml", "deploy/a.yaml", true],
  ["deploy/*.yaml", "deploy/a/b.yaml", false],
  ["deploy/**/*.yaml", "deploy/a.yaml", true],
  ["deploy/**/*.yaml", "deploy/a/b/c.yaml", true],
  ["**/*.yaml", "a.yaml", true],
  ["**", "a/b", true],
  ["*", "a/b", false],
  ["a/**/b/**/c", "a/b/x/b/c", true],
])("%s and %s: %s", (pattern, path, matches) => {
  expect(pathMatches(pattern, path)).toBe(matches);
});

test("no pattern takes long", () => {
  const steps = fc.array(fc.constantFrom("**", "*", "a", "*a*"), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (pattern) => {
      const path = Array.from({ length: 60 }, () => "aaaa").join("/");
      expect(pathMatches(pattern.join("/"), path)).toBeTypeOf("boolean");
    }),
  );
});
