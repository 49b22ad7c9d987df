import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readDocuments } from "../adapters/documents/read-documents.ts";
import { readWorkTree } from "../adapters/documents/work-tree.ts";
import { connectionUses } from "../core/documents/check/connection-uses.ts";
import { CONNECTION_KINDS } from "../core/documents/connection.ts";
import { DELIVER_KINDS } from "../core/documents/deliver.ts";
import { PROVIDER_TYPES, providerKey } from "../core/documents/provider.ts";
import { PROVIDER_CONNECTIONS, providerReference } from "./provider-reference.ts";

const PAGE = providerReference((name) => name === "postgresql");

test("it has a section for every provider, target and connection", () => {
  const titles = [...PAGE.matchAll(/^### (.+)$/gm)].map(([, title]) => title);
  expect(titles).toEqual([
    ...Object.keys(PROVIDER_TYPES),
    "Common to all",
    ...DELIVER_KINDS.map((kind) => `deliver ${kind}`),
    "Common to all connections",
    "Secrets",
    ...CONNECTION_KINDS.map((kind) => `connection ${kind}`),
  ]);
});

test("each of its links leads to a title of its own, or to a page that is there", () => {
  const titles = [...PAGE.matchAll(/^#+ (.+)$/gm)];
  const anchors = new Set(titles.map(([, title = ""]) => `#${title.toLowerCase().replaceAll(" ", "-")}`));
  const links = [...PAGE.matchAll(/\]\(([^)]+)\)/g)].map(([, to = ""]) => to);
  expect([...new Set(links)].filter((to) => !anchors.has(to))).toEqual(["postgresql.md"]);
});

test("every field says what it is", () => {
  const rows = [...PAGE.matchAll(/^\| `([^`]+)` \| ([^|]+) \| [^|]* \| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(100);
  const silent = rows.filter(([, , type, meaning]) => meaning === "" && type !== "block" && type !== "name");
  expect(silent.map(([row]) => row)).toEqual([]);
});

test("the kinds of connections are those that the documents of the example organisation must name", () => {
  const { documents } = readDocuments(readWorkTree(fileURLToPath(new URL("../../", import.meta.url))));
  for (const { document } of documents.credentials.values()) {
    const { provider } = document.spec;
    if (provider === undefined) continue;
    const key = providerKey(provider);
    const kinds = connectionUses({ ...document.spec, deliver: [] })
      .filter(({ asAdmin }) => asAdmin)
      .map(({ kind }) => kind);
    expect({ key, kinds: [...new Set(kinds)] }).toEqual({
      key,
      kinds: kinds.length === 0 ? [] : [PROVIDER_CONNECTIONS[key]],
    });
  }
});
