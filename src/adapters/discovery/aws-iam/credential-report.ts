import { EffectError } from "../../../core/model/errors.ts";
import { epochSeconds, type Instant, instantOf } from "../../../core/model/instant.ts";
import type { DiscoveryPorts } from "../../../core/ports/discovery.ts";
import type { Questions } from "./questions.ts";

/** What the report says of one key of a user; it does not say which key that is. */
interface ReportedKey {
  readonly active: boolean;
  readonly rotatedAt: Instant | undefined;
  readonly lastUse: { readonly at: Instant; readonly service: string; readonly region: string } | undefined;
}

/** What the credential report says of one user. */
export interface ReportedUser {
  readonly consolePassword:
    | { readonly changedAt: Instant | undefined; readonly usedAt: Instant | undefined }
    | undefined;
  readonly hasSecondFactor: boolean;
  readonly keys: readonly ReportedKey[];
}

export interface CredentialReport {
  readonly users: ReadonlyMap<string, ReportedUser>;
  readonly madeAt: Instant;
}

/** The name that the report gives the account's own login. */
export const ROOT = "<root_account>";

/** How often a report that is being made is asked for, a second apart. */
const TRIES = 15;

/**
 * The account's credential report: one answer for all users, at most four hours old (AWS makes no newer one). A report
 * that is not there yet is made, which changes nothing else. Rejects with EffectError.
 */
export async function credentialReport(
  questions: Questions,
  { pause }: Pick<DiscoveryPorts, "pause">,
  signal: AbortSignal,
): Promise<CredentialReport> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { State } = await questions.ask("iam:GenerateCredentialReport", signal, async (iam, options) =>
      iam.generateCredentialReport({}, options),
    );
    if (State === "COMPLETE") {
      const { Content: content, GeneratedTime: time } = await questions.ask(
        "iam:GetCredentialReport",
        signal,
        async (iam, options) => iam.getCredentialReport({}, options),
      );
      const text = new TextDecoder().decode(content ?? new Uint8Array());
      return { users: readReport(text), madeAt: instantOf(Math.floor((time?.getTime() ?? 0) / 1000)) };
    }
    await pause(1, signal);
    signal.throwIfAborted();
  }
  throw new EffectError(
    "unknown",
    "report-late",
    `${questions.place} did not make its credential report in time`,
    {
      fix: "the next look asks again",
    },
  );
}

/** The report's lines by user; columns are found by their names, since AWS adds some. Lines that do not fit are left out. */
export function readReport(text: string): ReadonlyMap<string, ReportedUser> {
  const [head = "", ...lines] = text.split(/\r?\n/);
  const columns = head.split(",");
  const users = new Map<string, ReportedUser>();
  for (const line of lines) {
    const cells = line.split(",");
    if (cells.length !== columns.length) continue;
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? "";
    const time = (name: string): Instant | undefined => timeIn(cell(name));
    const isOn = (name: string): boolean => cell(name).toLowerCase() === "true";
    users.set(cell("user"), {
      consolePassword: isOn("password_enabled")
        ? { changedAt: time("password_last_changed"), usedAt: time("password_last_used") }
        : undefined,
      hasSecondFactor: isOn("mfa_active"),
      keys: [1, 2].map((number) => {
        const prefix = `access_key_${number}`;
        const usedAt = time(`${prefix}_last_used_date`);
        return {
          active: isOn(`${prefix}_active`),
          rotatedAt: time(`${prefix}_last_rotated`),
          lastUse:
            usedAt === undefined
              ? undefined
              : {
                  at: usedAt,
                  service: cell(`${prefix}_last_used_service`),
                  region: cell(`${prefix}_last_used_region`),
                },
        };
      }),
    });
  }
  return users;
}

/** The reported key that was made at this second; undefined where none or both were. */
export function keyMadeAt(user: ReportedUser | undefined, madeAt: Instant): ReportedKey | undefined {
  const found = (user?.keys ?? []).filter(
    ({ rotatedAt }) => rotatedAt !== undefined && epochSeconds(rotatedAt) === epochSeconds(madeAt),
  );
  return found.length === 1 ? found[0] : undefined;
}

/** `2026-01-15T08:12:00+00:00`; `N/A`, `no_information` and `not_supported` are none. */
function timeIn(text: string): Instant | undefined {
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : instantOf(Math.floor(milliseconds / 1000));
}
