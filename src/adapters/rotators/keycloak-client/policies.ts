import { CreError } from "../../../core/model/errors.ts";
import type { Site } from "./site.ts";

const EXECUTOR = "secret-rotation";
/** What Keycloak takes where a profile does not say: two days. */
const DEFAULT_PERIOD = 172_800;

/** The shortest time that a realm's policies let a rotated secret live, in seconds, and the policy's name. */
export interface RotatedPeriod {
  readonly policy: string;
  readonly seconds: number;
}

/**
 * What the realm's client policies say about rotated secrets. Which clients a policy is for is not looked at: the
 * strictest counts. `unreadable`: the runner lacks the role `view-realm`.
 */
export async function rotatedPeriod(
  site: Site,
  signal: AbortSignal,
): Promise<RotatedPeriod | "none" | "unreadable"> {
  const read = async (what: string): Promise<unknown> =>
    site.api.send(
      {
        method: "GET",
        path: `/client-policies/${what}`,
        doing: "read the client policies for",
        isEffect: false,
      },
      signal,
    );
  try {
    const profiles = listIn(await read("profiles"), "profiles");
    const periods = new Map(
      profiles.flatMap((profile) =>
        listIn(profile, "executors")
          .filter((executor) => field(executor, "executor") === EXECUTOR)
          .map((executor): [unknown, number] => [
            field(profile, "name"),
            periodIn(field(executor, "configuration")),
          ]),
      ),
    );
    if (periods.size === 0) return "none";
    const found = listIn(await read("policies"), "policies")
      .filter((policy) => field(policy, "enabled") === true)
      .flatMap((policy) =>
        listIn(policy, "profiles").flatMap((profile): RotatedPeriod[] => {
          const seconds = periods.get(profile);
          const name = field(policy, "name");
          return seconds === undefined ? [] : [{ policy: typeof name === "string" ? name : "?", seconds }];
        }),
      );
    return found.toSorted((a, b) => a.seconds - b.seconds)[0] ?? "none";
  } catch (error) {
    if (error instanceof CreError && error.code === "permission-missing") return "unreadable";
    throw error;
  }
}

function periodIn(configuration: unknown): number {
  const period = field(configuration, "rotated-expiration-period");
  const seconds = typeof period === "string" ? Number(period) : period;
  return typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds >= 0
    ? seconds
    : DEFAULT_PERIOD;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}
