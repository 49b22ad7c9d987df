import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Secret } from "../../core/model/secret.ts";
import { createProgress } from "./progress.ts";

function listen() {
  const lines: string[] = [];
  const progress = createProgress({
    step: (line) => lines.push(line),
    warn: (line) => lines.push(`warning: ${line}`),
  });
  return { lines, progress };
}

test("a message stands on one line with its facts", () => {
  const { lines, progress } = listen();
  progress.step("pushed");
  progress.warn("slow\nremote", { seconds: 12, remote: "origin" });
  expect(lines).toEqual(["pushed", "warning: slow remote (seconds 12, remote origin)"]);
});

describe("redaction", () => {
  const value = `p@ss "w/rd" ä+'(canary)'`;
  const encoded = Buffer.from(value);

  test.each([
    ["as it is", value],
    ["base64", encoded.toString("base64")],
    ["base64url", encoded.toString("base64url")],
    ["base64 behind one character", Buffer.from(`:${value}!`).toString("base64")],
    ["base64 in a Basic header", Buffer.from(`ab:${value}`).toString("base64")],
    ["base64 behind five characters", Buffer.from(`user:${value}@`).toString("base64url")],
    ["hex", encoded.toString("hex")],
    ["upper-case hex", encoded.toString("hex").toUpperCase()],
    ["percent-encoded", encodeURIComponent(value)],
    ["form-encoded", encodeURIComponent(value).replaceAll("%20", "+")],
    ["escaped in JSON", JSON.stringify({ password: value })],
  ])("a secret %s is not in the line", (_, text) => {
    const { lines, progress } = listen();
    progress.keepOut(new Secret(value));
    progress.step(`the server said ${text}`, { detail: text });
    expect(lines[0]).toContain("the server said ");
    expect(lines[0]).toContain("[secret]");
    const pieces = Array.from({ length: text.length - 11 }, (_, at) => text.slice(at, at + 12));
    const left = pieces.filter((piece) => lines[0]?.includes(piece) && !`{"password":"`.includes(piece));
    expect(left).toEqual([]);
  });

  test("each line of a key is known by itself, and short texts are left alone", () => {
    const { lines, progress } = listen();
    progress.keepOut(new Secret("-----BEGIN-----\nabcdefghijkl\nab\n-----END-----\n"));
    progress.keepOut(new Secret("a"));
    progress.step("found abcdefghijkl in a file");
    expect(lines).toEqual(["found [secret] in a file"]);
  });

  test("no text of eight characters or more gets through, wherever it stands in base64", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 8 }),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          fc.pre(secret.isWellFormed() && secret.trim().length >= 8 && !"[secret] x ()".includes(secret));
          const { lines, progress } = listen();
          progress.keepOut(new Secret(secret));
          progress.step(`x ${secret} ${Buffer.from(`${before}${secret}${after}`).toString("base64")}`);
          expect(lines[0]).not.toContain(secret);
          expect(lines[0]?.split("[secret]").length).toBeGreaterThan(2);
        },
      ),
    );
  });
});
