import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

function told(spec: string): readonly string[] {
  const text = `apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec:\n${spec}\n`;
  const read = readDocuments([{ path: "policies/settings.yaml", bytes: new TextEncoder().encode(text) }]);
  return [
    ...read.problems.map(({ line, column, code }) => `${line}:${column} ${code}`),
    ...read.warnings.map(({ line, column, code }) => `${line}:${column} warning ${code}`),
  ];
}

/** Where the problem is to be told, which `«` marks. */
function placeIn(marked: string): string {
  const before = marked.slice(0, marked.indexOf("«")).split("\n");
  return `${before.length + 4}:${(before.at(-1) ?? "").length + 1}`;
}

test.each([
  ["an incoming webhook", "slack: { webhook: { env: A } }"],
  ["a bot with a channel", 'slack: { token: { env: A }, channel: "#security" }'],
  ["a bot of a cloud of its own", 'slack: { token: { env: A }, url: "https://slack-gov.com/api" }'],
  ["a signed webhook", 'webhook: { url: "https://a.example.com/x", key: { id: k1, secret: { env: A } } }'],
  ["a webhook of this machine", 'webhook: { url: "http://127.0.0.1:8080/x" }'],
  ["a mail server of this machine", "smtp: { host: 127.0.0.1, tls: none, from: a@b.example }"],
  [
    "a mail server",
    'smtp: { host: b.example, from: "Our credentials <a@b.example>", user: u, password: { env: P } }',
  ],
  ["a pager in Europe", 'pagerduty: { routingKey: { env: A }, url: "https://events.eu.pagerduty.com" }'],
])("%s is a channel", (_, channel) => {
  expect(told(`  channels: { a: { ${channel} } }`)).toEqual([]);
});

test.each([
  ["channel-url", "channels: { a: { webhook: { url: «http://a.example.com } } }"],
  ["channel-url", 'channels: { a: { webhook: { url: «"https://u@a.example.com" } } }'],
  ["channel-url", 'channels: { a: { pagerduty: { routingKey: { env: A }, url: «"https://" } } }'],
  ["slack-webhook-place", 'channels: { a: { slack: { webhook: { env: A }, channel: «"#b" } } }'],
  ["tls-disabled", "channels: { a: { smtp: { host: b.example.com, from: c@d.example, tls: «none } } }"],
  ["login-incomplete", "channels: { a: { smtp: «{ host: b.example.com, from: c@d.example, user: e } } }"],
  ["mail-address", 'channels: { a: { smtp: { host: b.example.com, from: «"c@d.example, e@f.example" } } }'],
  ["mail-address", "channels: { a: { smtp: { host: b.example.com, from: c@d.example, to: [«nobody] } } }"],
  ["mail-address", String.raw`teams: { payments: { mail: «"a@b.example\nBcc: c@d.example" } }`],
  ["file-outside", "channels: { a: { smtp: { host: b.example.com, from: c@d.example, ca: «../ca.pem } } }"],
  [
    "channel-without-place",
    "channels: { a: { smtp: { host: b.example.com, from: c@d.example } } }\n  routes: [ { to: [«a] } ]",
  ],
  [
    "warning owner-unreached",
    "«channels: { a: { slack: { webhook: { env: A } } } }\n  routes: [ { to: [owner] } ]",
  ],
])("%s: %s", (code, marked) => {
  const spec = `  ${marked}`;
  expect(told(spec.replace("«", ""))).toEqual([`${placeIn(spec)} ${code}`]);
});

test.each(["slack: { token: { env: A } }", "smtp: { host: b.example, from: a@b.example }"])(
  "%s reaches owners",
  (channel) => {
    expect(told(`  channels: { a: { ${channel} } }\n  routes: [ { to: [owner] } ]`)).toEqual([]);
  },
);

const PAGE = readFileSync(new URL("../../../.github/docs/alerts.md", import.meta.url), "utf8");
const examples = [...PAGE.matchAll(/^```yaml\n(channels:[^]*?)^```$/gm)].map(([, yaml = ""]) => yaml);

test("the page on channels shows each kind", () => {
  const kinds = ["slack", "discord", "teams", "webhook", "smtp", "pagerduty"];
  expect(
    kinds.filter(
      (kind) => !examples.some((yaml) => yaml.includes(`${kind}: {`) || yaml.includes(`${kind}:\n`)),
    ),
  ).toEqual([]);
});

test.each(examples)("what it shows to be copied is valid: %s", (yaml) => {
  expect(told(yaml.replaceAll(/^(?=.)/gm, "  "))).toEqual([]);
});
