import { expect, test } from "vitest";
import { settingsReference } from "./settings-reference.ts";

const PAGE = settingsReference();
const ROWS = [...PAGE.matchAll(/^\| `([^`]+)` \| ([^|]+) \| [^|]* \| (.*) \|$/gm)];

test("every field of the settings says what it is, but for blocks and names", () => {
  expect(ROWS.length).toBeGreaterThan(80);
  const silent = ROWS.filter(([, , type, meaning]) => meaning === "" && type !== "block" && type !== "name");
  expect(silent.map(([row]) => row)).toEqual([]);
});

test("fields of channels and teams are told, too", () => {
  const fields = ROWS.map(([, field]) => field);
  expect(fields).toEqual(
    expect.arrayContaining(["channels.NAME.smtp.host", "teams.NAME.mail", "forge.emergencyWorkflow"]),
  );
});
