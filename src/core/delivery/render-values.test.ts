import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CreError } from "../model/errors.ts";
import { Secret } from "../model/secret.ts";
import { renderValue, renderValues, templateParts } from "./render-values.ts";

const parts = new Map([
  ["username", new Secret("orders_a")],
  ["password", new Secret("p@ss/w{username}!*'()")],
]);

function failure(act: () => unknown): CreError {
  try {
    act();
  } catch (error) {
    if (error instanceof CreError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("renderValue", () => {
  test("puts parts in and leaves the rest as written", () => {
    expect(renderValue("user={username};", parts).reveal()).toBe("user=orders_a;");
  });

  test("percent-encodes everything that RFC 3986 reserves", () => {
    expect(renderValue("postgres://{username:uri}:{password:uri}@db", parts).reveal()).toBe(
      "postgres://orders_a:p%40ss%2Fw%7Busername%7D%21%2A%27%28%29@db",
    );
  });

  test("never reads a value as a template", () => {
    expect(renderValue("{password}", parts).reveal()).toBe("p@ss/w{username}!*'()");
  });

  test("keeps braces that hold no part name, so that JSON works as a template", () => {
    expect(renderValue('{"user":"{username}"}', parts).reveal()).toBe('{"user":"orders_a"}');
  });

  test("keeps dollar signs of values", () => {
    const dollars = new Map([["value", new Secret("$& $1 $$ $`")]]);
    expect(renderValue("<{value}>", dollars).reveal()).toBe("<$& $1 $$ $`>");
  });

  test("refuses a part that is not published and names those that are, without a value", () => {
    const error = failure(() => renderValue("{username}:{passwrod}", parts));
    expect(error.code).toBe("template-part-unknown");
    expect(error.describe()).toContain("{passwrod}");
    expect(error.describe()).toContain("{password}, {username}");
    expect(error.describe()).not.toContain("orders_a");
  });

  test("refuses an unknown encoding", () => {
    expect(failure(() => renderValue("{password:base64}", parts)).code).toBe("template-encoding-unknown");
  });

  test("refuses to percent-encode half a character", () => {
    const broken = new Map([["value", new Secret("a\ud800")]]);
    expect(failure(() => renderValue("{value:uri}", broken)).code).toBe("template-part-malformed");
  });

  test("what it percent-encodes decodes to the same value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const encoded = renderValue("{value:uri}", new Map([["value", new Secret(value)]])).reveal();
        expect(encoded).toMatch(/^[A-Za-z0-9%._~-]*$/);
        expect(decodeURIComponent(encoded)).toBe(value);
      }),
    );
  });
});

describe("renderValues", () => {
  test("renders every key or none", () => {
    const rendered = renderValues({ A: "{username}", B: "x" }, parts);
    expect([...rendered].map(([key, value]) => [key, value.reveal()])).toEqual([
      ["A", "orders_a"],
      ["B", "x"],
    ]);
    expect(() => renderValues({ A: "{username}", B: "{nope}" }, parts)).toThrow(CreError);
  });
});

describe("templateParts", () => {
  test("lists each part once", () => {
    expect(templateParts('{"a":"{url}","b":"{url:uri}","c":"{password}"}')).toEqual(["url", "password"]);
  });
});
