import type { AccessKey, Account, User } from "./account.ts";

const COLUMNS = [
  "user",
  "arn",
  "user_creation_time",
  "password_enabled",
  "password_last_used",
  "password_last_changed",
  "password_next_rotation",
  "mfa_active",
  ...[1, 2].flatMap((number) =>
    ["active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"].map(
      (name) => `access_key_${number}_${name}`,
    ),
  ),
  "cert_1_active",
  "cert_1_last_rotated",
  "cert_2_active",
  "cert_2_last_rotated",
];

/** The report as IAM writes it (IAM User Guide, «Getting credential reports»), with the account's root first. */
export function credentialReportOf(account: Account, now: Date): string {
  const root = [
    "<root_account>",
    `arn:aws:iam::${account.id}:root`,
    time(now),
    "not_supported",
    "no_information",
    "not_supported",
    "not_supported",
    "true",
    ...keyCells(undefined),
    ...keyCells(undefined),
    ...NO_CERTIFICATES,
  ];
  const users = [...account.users.values()].map((user) => lineOf(user));
  return [COLUMNS, root, ...users].map((cells) => cells.join(",")).join("\n");
}

const NO_CERTIFICATES = ["false", "N/A", "false", "N/A"];

function lineOf({ name, arn, createdAt, console, keys }: User): readonly string[] {
  return [
    name,
    arn,
    time(createdAt),
    String(console !== undefined),
    console === undefined ? "N/A" : console.usedAt === undefined ? "no_information" : time(console.usedAt),
    console === undefined ? "N/A" : time(console.changedAt),
    "N/A",
    String(console?.secondFactor ?? false),
    ...keyCells(keys[0]),
    ...keyCells(keys[1]),
    ...NO_CERTIFICATES,
  ];
}

function keyCells(key: AccessKey | undefined): readonly string[] {
  if (key === undefined) return ["false", "N/A", "N/A", "N/A", "N/A"];
  const { status, createdAt, lastUsed } = key;
  return [
    String(status === "Active"),
    time(createdAt),
    lastUsed === undefined ? "N/A" : time(lastUsed.at),
    lastUsed?.region ?? "N/A",
    lastUsed?.service ?? "N/A",
  ];
}

function time(date: Date): string {
  return `${date.toISOString().slice(0, 19)}+00:00`;
}
