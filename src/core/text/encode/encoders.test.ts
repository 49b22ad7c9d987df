import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainLine } from "../plain-line.ts";
import { within } from "../within.ts";
import { adaptiveText } from "./adaptive-text.ts";
import { discordCode, discordText } from "./discord-markdown.ts";
import { htmlLink, htmlText } from "./html.ts";
import { BREAK } from "./keep-apart.ts";
import { mailboxOf, mailHeader } from "./mail-header.ts";
import { markdownCode, markdownLink, markdownText } from "./markdown.ts";
import { plainText } from "./plain-text.ts";
import { slackCode, slackLink, slackPlainText, slackText } from "./slack-mrkdwn.ts";
import { commandData, commandProperty, logLine, workflowCommand } from "./workflow-command.ts";

/** What people have tried, and the pieces of which more can be made. */
const PIECES = [
  "@everyone",
  "@here",
  "@user",
  "@org/team",
  "<!channel>",
  "<!here|x>",
  "<@U1>",
  "<@&1>",
  "<#C1>",
  "<at>x</at>",
  "[x](javascript:alert(1))",
  "![i](https://e.example/p.png)",
  "[x]: //e.example",
  "<https://e.example|x>",
  "https://e.example/a",
  "http://e.example",
  "www.e.example",
  "a@e.example",
  "mailto:a@e.example",
  "//e.example",
  "<img src=x onerror=y>",
  "</td>",
  "<!--",
  "-->",
  "&lt;b&gt;",
  "&#64;",
  "<script>",
  "{{DATE(1)}}",
  "${x}",
  "::set-output name=a::b",
  "##[add-mask]x",
  "%0A",
  "\r\nBcc: a@e.example",
  "\n\n",
  "\u2028",
  "\0",
  "\x1B[2K",
  "‮",
  "⁦",
  "​",
  "­",
  "󠁁",
  "️",
  "ㅤ",
  "\ud800",
  "é́́́́́",
  "`",
  "``",
  "*",
  "**",
  "_",
  "__",
  "~",
  "~~",
  "\\",
  "|",
  "||",
  ">",
  "<",
  "#",
  "#12",
  "GH-12",
  ":smile:",
  "- ",
  "1. ",
  "$",
  "!",
  "[",
  "]",
  "(",
  ")",
  ":",
  "/",
  "@",
  "&",
  "'",
  '"',
  "a",
  "orders_owner",
  "10:30",
  " ",
  "é",
  "🔑",
];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
);

const SINKS = {
  adaptiveText,
  commandData,
  commandProperty,
  discordCode,
  discordText,
  htmlText,
  logLine,
  mailHeader,
  markdownCode,
  markdownText,
  plainText,
  slackCode,
  slackPlainText,
  slackText,
} as const;

/** What a reader sees of it, once the sink has read its escapes. */
const SEEN: Readonly<Record<string, (encoded: string) => string>> = {
  htmlText: unescapedHtml,
  slackText: (encoded) => markedAgain(unescapedHtml(encoded)),
  adaptiveText: markedAgain,
  discordText: unescaped,
  markdownText: unescaped,
  commandData: percentDecoded,
  commandProperty: percentDecoded,
  logLine: (encoded) => encoded,
  mailHeader: (encoded) => encoded,
  plainText: (encoded) => encoded,
  slackPlainText: (encoded) => encoded,
};

function unescapedHtml(text: string): string {
  return text.replaceAll(/&(lt|gt|quot|#39|#96|amp);/g, (_, name: string) => {
    const signs: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", "#96": "`", amp: "&" };
    return signs[name] ?? "";
  });
}

function markedAgain(text: string): string {
  const marks: Record<string, string> = { "\u2217": "*", "\u02cd": "_", "\u223c": "~" };
  return text.replaceAll(/[\u2217\u02cd\u223c]/g, (sign) => marks[sign] ?? "");
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([^A-Za-z0-9\s])/g, "$1");
}

function percentDecoded(text: string): string {
  return text.replaceAll("%0A", "\n").replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%25", "%");
}

describe.each(Object.entries(SINKS))("%s", (_, encode) => {
  test("gives one line without anything that hides or turns text, whatever it gets", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = encode(text);
        // oxlint-disable-next-line no-control-regex -- it is what must not be there
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(line.replaceAll(BREAK, "")).not.toMatch(/[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/\p{M}{5}/u);
      }),
    );
  });

  test("cuts what is too long, and says so", () => {
    const line = encode("x".repeat(10_000), 100);
    expect(Array.from(line).length).toBeLessThanOrEqual(102);
    expect(line).toContain("…");
    expect(encode("x".repeat(10_000)).length).toBeLessThan(5000);
  });

  test("leaves the words of an ordinary text as they are", () => {
    expect(encode("the password of orders_owner is 12 days overdue")).toContain("is 12 days overdue");
    expect(encode("orders-db")).toMatch(/orders\\?-db/);
  });
});

test.each(
  Object.entries(SINKS).flatMap(([name, encode]) => {
    const seen = SEEN[name];
    return seen === undefined ? [] : [{ name, encode, seen }];
  }),
)("$name shows what was written, but for what hides", ({ name, encode, seen }) => {
  // A back-tick is a quotation mark where there is no escape for it; signs that stand for others are read back.
  const isMarked = name === "slackText" || name === "adaptiveText";
  fc.assert(
    fc.property(hostile, (text) => {
      const written = plainLine(text, 4000);
      const shown = seen(encode(text, 4000)).replaceAll(BREAK, "").trim();
      expect(shown).toBe(isMarked ? markedAgain(written).replaceAll("`", "'") : written);
    }),
  );
});

/** Sinks that look for these in the text that they show. */
const SEARCHING = { markdownText, discordText, htmlText, slackText, slackPlainText, adaptiveText, plainText };

test.each(Object.entries(SEARCHING))("%s: no mention and no address in what is shown", (name, encode) => {
  const shown = SEEN[name] ?? ((encoded: string) => encoded);
  fc.assert(
    fc.property(hostile, (text) => {
      const line = shown(encode(text));
      expect(line).not.toMatch(/@[^\s\u2060]/);
      expect(line).not.toMatch(/:\//);
      expect(line).not.toMatch(/www\./i);
      expect(line).not.toMatch(/(?:mailto|javascript):[^\s\u2060]/i);
    }),
  );
});

describe("Markdown of GitHub", () => {
  test("every sign that could mean something is escaped", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(markdownText(text).replaceAll(/\\[!-/:-@[-`{-~]/g, "")).not.toMatch(
          /[\\`*_{}[\]()<>#+.!|~&$^=:'"-]/,
        );
      }),
    );
  });

  test("no reference, no picture of a word", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = unescaped(markdownText(text));
        expect(shown).not.toMatch(/#\d/);
        expect(shown).not.toMatch(/GH-\d/i);
        expect(shown).not.toMatch(/:[\w+-]+:/);
      }),
    );
  });

  test("a code span ends where it is meant to", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const code = markdownCode(text);
        const [fence = ""] = /^`+/.exec(code) ?? [];
        expect(code.endsWith(fence)).toBe(true);
        const inner = code.slice(fence.length, -fence.length);
        expect([...inner.matchAll(/`+/g)].map(([run]) => run.length)).not.toContain(fence.length);
        expect(inner).not.toMatch(/^`|`$|^$/);
      }),
    );
  });

  test("a link leads to https alone, and its text ends nothing", () => {
    expect(markdownLink("x](y", "https://a.example/<b>")).toBe(
      String.raw`[x\]\(y](<https://a.example/%3Cb%3E>)`,
    );
    expect(markdownLink("x", "javascript:alert(1)")).toBe("x");
    expect(markdownLink("x", undefined)).toBe("x");
  });
});

describe("Slack", () => {
  test("no control sequence, no format", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(slackText(text)).not.toMatch(/[<>*~`]|&(?!(amp|lt|gt);)/);
        expect(slackText(text)).not.toMatch(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u);
        expect(slackText(text)).not.toMatch(/:[\w+-]+:/);
        expect(slackCode(text).slice(1, -1)).not.toMatch(/[<>`]/);
      }),
    );
  });

  test("a link has its own text, and leads to https alone", () => {
    expect(slackLink("a|b>c", "https://a.example/?x=1&y=|")).toBe(
      "<https://a.example/?x=1&amp;y=%7C|a/b&gt;c>",
    );
    expect(slackLink("x", "http://a.example")).toBe("x");
  });
});

test("Discord: every sign that could mean something is escaped, at the beginning of a line too", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const rest = discordText(text).replaceAll(/\\[^A-Za-z0-9\s]/g, "");
      expect(rest).not.toMatch(/[\\`*_~|<>[\]():]/);
      expect(discordText(text)).not.toMatch(/^(?:[#>+-]|\d+\.)/);
      expect(discordCode(text).slice(1, -1)).not.toContain("`");
    }),
  );
});

test("Adaptive Cards: no link, list, tag, entity, template or function", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const line = adaptiveText(text);
      expect(line).not.toMatch(/\][[(:]/);
      expect(line).not.toMatch(/<[^\s\u2060]/);
      expect(line).not.toMatch(/&[#\w]/);
      expect(line).not.toMatch(/[{$]\{/);
      expect(line).not.toMatch(/[*~`]|\\[^\s\u2060]/);
      expect(line).not.toMatch(/^(?:[-+#>=|]|\d+[.)])/);
    }),
  );
});

describe("HTML", () => {
  test("no tag, no entity of the text's own, and no end of an attribute", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(htmlText(text)).not.toMatch(/[<>"'`]|&(?!(amp|lt|gt|quot|#39|#96);)/);
      }),
    );
  });

  test("a link leads to https alone, and its address ends nothing", () => {
    expect(htmlLink("<b>", 'https://a.example/"onclick=')).toBe(
      '<a href="https://a.example/%22onclick=">&lt;b&gt;</a>',
    );
    expect(htmlLink("x", "javascript:alert(1)")).toBe("x");
  });
});

describe("commands of GitHub's runner", () => {
  test("a line of a log is none", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(logLine(text).trimStart()).not.toMatch(/^::/);
        expect(logLine(text)).not.toContain("##[");
      }),
    );
  });

  test("what is given to one stays in its place, read as the runner reads it", () => {
    fc.assert(
      fc.property(hostile, hostile, (file, message) => {
        const read = asRunner(workflowCommand("error", { file, line: 3, title: undefined }, message));
        expect(read).toEqual({
          name: "error",
          properties: { file: plainLine(file).replaceAll("##[", `##${BREAK}[`), line: "3" },
          data: message
            .split("\n", 20)
            .map((line) => plainLine(line, 4000).replaceAll("##[", `##${BREAK}[`))
            .join("\n"),
        });
      }),
    );
  });

  test("lines of a message stay lines of what is shown, in a command of one line", () => {
    const line = workflowCommand("error", {}, "it is wrong\nFix: mend it\n::set-output name=x::y");
    expect(line).toBe("::error::it is wrong%0AFix: mend it%0A::set-output name=x::y");
  });

  test("one without properties, and one without a message", () => {
    expect(workflowCommand("group", {}, "Plan")).toBe("::group::Plan");
    expect(workflowCommand("endgroup", {}, "")).toBe("::endgroup::");
  });
});

/** As `ActionCommand.TryParseV2` of actions/runner does it: name and properties up to the second `::`, split at `,`. */
function asRunner(line: string) {
  const end = line.indexOf("::", 2);
  const [name = "", ...rest] = line.slice(2, end).split(" ");
  const pairs = rest
    .join(" ")
    .split(",")
    .filter((pair) => pair !== "");
  return {
    name,
    properties: Object.fromEntries(
      pairs.map((pair) => [
        pair.slice(0, pair.indexOf("=")),
        percentDecoded(pair.slice(pair.indexOf("=") + 1)),
      ]),
    ),
    data: percentDecoded(line.slice(end + 2)),
  };
}

describe("mailboxes", () => {
  test.each([
    ["a@b.example", { name: "", address: "a@b.example" }],
    ["Our credentials <a.b+c@d-e.example>", { name: "Our credentials", address: "a.b+c@d-e.example" }],
    ["<a@b.example>", { name: "", address: "a@b.example" }],
  ])("%s is one", (text, box) => {
    expect(mailboxOf(text)).toEqual(box);
  });

  test.each([
    "",
    "a",
    "a@",
    "@b.example",
    "a@b.example, c@d.example",
    "a@b.example;c@d.example",
    "a@b.example c@d.example",
    "a@b.example\r\nBcc: c@d.example",
    "x\r\nBcc: c@d.example <a@b.example>",
    "‮x <a@b.example>",
    "a..b@c.example",
    "a@-b.example",
    "a@[127.0.0.1]",
    '"a b"@c.example',
    "x <a@b.example> <c@d.example>",
    "a@b.example>",
    `${"a".repeat(65)}@b.example`,
    `a@${"b".repeat(64)}.example`,
    "ä@b.example",
  ])("%j is none", (text) => {
    expect(mailboxOf(text)).toBeUndefined();
  });
});

test("a text within a limit is cut before it is encoded, so that no escape is cut in two", () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 0, max: 80 }), (text, limit) => {
      const line = within(htmlText, text, limit);
      expect(line.length).toBeLessThanOrEqual(limit);
      expect(line).not.toMatch(/&(?!(amp|lt|gt|quot|#39|#96);)/);
    }),
  );
  expect(within(htmlText, "<".repeat(200), 40)).toBe(`${"&lt;".repeat(9)}…`);
});
