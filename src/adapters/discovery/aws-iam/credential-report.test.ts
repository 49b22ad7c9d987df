import fc from "fast-check";
import { expect, test } from "vitest";
import type { Instant } from "../../../core/model/instant.ts";
import { keyMadeAt, ROOT, readReport } from "./credential-report.ts";

const HEAD =
  "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
const LINES = [
  `${ROOT},arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,2026-10-01T08:00:00+00:00,not_supported,not_supported,false,true,2020-01-02T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A`,
  "deploy,arn:aws:iam::1:user/deploy,2025-01-01T00:00:00+00:00,true,no_information,2025-02-01T00:00:00+00:00,N/A,false,true,2025-03-01T10:20:30+00:00,2026-11-01T12:00:00+00:00,eu-central-1,s3,false,2025-04-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,false,N/A",
];

test("a report says of each user what of the console and of the keys matters", () => {
  const users = readReport([HEAD, ...LINES].join("\n"));
  expect(users.get("deploy")).toEqual({
    consolePassword: { changedAt: "2025-02-01T00:00:00Z", usedAt: undefined },
    hasSecondFactor: false,
    keys: [
      {
        active: true,
        rotatedAt: "2025-03-01T10:20:30Z",
        lastUse: { at: "2026-11-01T12:00:00Z", service: "s3", region: "eu-central-1" },
      },
      { active: false, rotatedAt: "2025-04-01T00:00:00Z", lastUse: undefined },
    ],
  });
  expect(users.get(ROOT)).toMatchObject({
    consolePassword: undefined,
    keys: [{ active: true }, { active: false }],
  });
});

test("a key is known by the second in which it was made, unless both were", () => {
  const deploy = readReport([HEAD, ...LINES].join("\n")).get("deploy");
  expect(keyMadeAt(deploy, "2025-03-01T10:20:30Z" as Instant)?.lastUse?.service).toBe("s3");
  expect(keyMadeAt(deploy, "2025-03-01T10:20:31Z" as Instant)).toBeUndefined();
  const twins = LINES[1]?.replace("2025-04-01T00:00:00", "2025-03-01T10:20:30") ?? "";
  expect(
    keyMadeAt(readReport(`${HEAD}\n${twins}`).get("deploy"), "2025-03-01T10:20:30Z" as Instant),
  ).toBeUndefined();
});

test("columns may stand in another order, and others may be added", () => {
  const turned = [HEAD, ...LINES].map((line) => `x,${line.split(",").toReversed().join(",")}`).join("\r\n");
  expect(readReport(turned)).toEqual(readReport([HEAD, ...LINES].join("\n")));
});

test("whatever a report is, it is read", () => {
  const line = fc.oneof(fc.constantFrom(HEAD, ...LINES, ""), fc.string());
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      for (const [name, user] of readReport(lines.join("\n"))) {
        expect([typeof name, user.keys.length]).toEqual(["string", 2]);
      }
    }),
  );
});
