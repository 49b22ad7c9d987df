import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { instantOf } from "../../core/model/instant.ts";
import { fenceOn, markOf, soon } from "../services/aws-orders.ts";
import { openAwsEstate } from "./aws-estate.ts";
import { bindRotator } from "./aws-life.ts";
import { policyFiles, policyText } from "./aws-policies.ts";

const ROOT = new URL("../../../", import.meta.url);
const PAGE = readFileSync(new URL(".github/docs/aws-iam.md", ROOT), "utf8");

/** The rows of one of the page's tables. */
function tableOf(name: string): readonly string[] {
  const [, table = ""] = new RegExp(`<!-- ${name} -->\n([^]*?)\n<!-- /${name} -->`).exec(PAGE) ?? [];
  return table.split("\n").slice(2);
}

test("the page shows every policy as it stands in its file, and no other", () => {
  const blocks = [...PAGE.matchAll(/^`examples\/aws\/([a-z-]+\.json)`[^\n]*\n+```json\n([^]*?)```$/gm)];
  const shown = Object.fromEntries(blocks.map(([, file = "", text]) => [file, text]));
  expect(shown).toEqual(Object.fromEntries(policyFiles().map((file) => [file, policyText(file)])));
  expect(PAGE.match(/^```json$/gm)).toHaveLength(blocks.length);
});

test("the page explains every code that the rotator and the clients of AWS can end with", () => {
  const folders = ["src/adapters/rotators/aws-iam/", "src/adapters/clients/aws/"];
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(folder, ROOT))
      .filter((file) => file.endsWith(".ts") && !file.endsWith("test.ts"))
      .map((file) => `${folder}${file}`),
  );
  // With what every rotator says of marks.
  const codes = [...files, "src/core/rotation/fence.ts"].flatMap((file) =>
    codesIn(readFileSync(new URL(file, ROOT), "utf8")),
  );
  const explained = tableOf("codes").map((row) => /^\| `([a-z-]+)` \|/.exec(row)?.[1] ?? row);
  expect(explained.toSorted()).toEqual([...new Set(codes)].toSorted());
});

/** Codes of the errors that a module makes: arguments of their constructors, and fields of a verdict. */
function codesIn(text: string): readonly string[] {
  const patterns = [
    /EffectError\(\s*"(?:refused|unknown)",\s*"([a-z-]+)"/g,
    /CreError\(\s*"([a-z-]+)"/g,
    /\bcode: "([a-z-]+)"/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = ""]) => code));
}

test("the page lists what is really called, in which role", async () => {
  await using estate = await openAwsEstate("two accounts");
  const { aws } = estate;
  const { user } = await estate.newUser();
  const rotator = await bindRotator(estate, user);
  const rows: string[] = [];
  const step = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const from = aws.calls.length;
    const result = await act();
    const groups: { who: string; actions: string[] }[] = [];
    for (const { action, principal } of aws.calls.slice(from)) {
      if (action.startsWith("sts:AssumeRole")) continue;
      const role = /assumed-role\/cre-(runner|make|end)/.exec(principal)?.[1];
      const who = role === undefined ? "the new key" : role === "runner" ? "the login" : role;
      if (groups.at(-1)?.who !== who) groups.push({ who, actions: [] });
      groups.at(-1)?.actions.push(action);
    }
    const said = groups.map(({ who, actions }) => `*${who}:* ${actions.join(" ")}`);
    rows.push(`| ${name} | ${said.join(" ")} |`);
    return result;
  };

  await step("preflight, before adoption", async () => rotator.preflight(soon()));
  const [first] = await step("observe, before adoption", async () => rotator.observe(soon()));
  if (first === undefined) throw new Error("the user has a key");
  await step("adopt", async () => rotator.adopt(first, markOf("adoption", 1), soon()));
  await step("preflight", async () => rotator.preflight(soon()));
  const [old = first] = await step("observe", async () => rotator.observe(soon()));
  const issued = await step("issue", async () => rotator.issue?.(markOf("attempt-1", 2), [old], soon()));
  if (issued === undefined) throw new Error("it makes keys beside each other");
  await step("verify", async () => rotator.verify(issued, soon()));
  await step("use", async () => rotator.inUse?.(old, instantOf(0), soon()));
  await step("deactivate", async () => rotator.deactivate?.(old, fenceOn(old, 3), soon()));
  await step("reactivate", async () => rotator.reactivate?.(old, fenceOn(old, 4), soon()));
  await rotator.deactivate?.(old, fenceOn(old, 5), soon());
  await step("revoke", async () => rotator.revoke(old, fenceOn(old, 6), soon()));
  await step("contain", async () => rotator.contain?.(old, instantOf(0), soon()));
  await rotator.close();
  expect(rows).toEqual(tableOf("calls"));
});
