import type { Credential } from "../../core/documents/credential.ts";
import type { Sourced } from "../../core/documents/kinds.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { credential, exception, policy, status, version } from "../evaluation/world.ts";
import { sampleReport } from "../report/sample-report.ts";

const TYPES = [
  { type: "database-password", interval: 60, provider: "postgresql" },
  { type: "api-key", interval: 90, provider: "aws-iam" },
  { type: "tls-certificate", interval: 90, provider: "acme" },
  { type: "ssh-key", interval: 180, provider: "authorized-keys" },
  { type: "oauth-client-secret", interval: 120, provider: "keycloak-client" },
] as const;
const WORDS = ["orders", "billing", "search", "mail", "media", "risk", "stock", "login", "maps", "ledger"];
const ENVIRONMENTS = ["production", "staging", "development"];
const PER_SERVICE = 50;
const DAY = 86_400_000;
const NOW = Date.parse("2026-03-10T00:00:00Z");

/**
 * A report of so many credentials of services of fifty, from a seed: most inside their policy, some due, some late,
 * one service in forty excepted, two of five with records of a run.
 */
export function largeReport(credentials: number, seed = 1): ReportModel {
  const random = generator(seed);
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value;
  const documents: Sourced[] = TYPES.map(({ type, interval }) =>
    policy(`${type}s`, { match: { types: [type] }, rotateWithin: `${interval}d`, enforcement: "rotate" }),
  );
  const statuses: ReturnType<typeof status>[] = [];
  for (let number = 0; number < credentials; number += 1) {
    const service = Math.floor(number / PER_SERVICE);
    const word = WORDS[service % WORDS.length] as string;
    const { type, interval, provider } = pick(TYPES);
    const name = `${word}-${service}-${type}-${number}`;
    const rotatedAt = day(NOW - random() * interval * 1.03 * DAY);
    const team = `team-${service % 120}`;
    const spec: Partial<Credential["spec"]> = {
      type,
      service: `${word}-${service}`,
      owner: { team, contact: `${team}@example.com` },
      createdAt: day(NOW - (400 + random() * 600) * DAY),
      rotatedAt,
      access: [
        { principal: `${word}-${service}`, kind: "service", purpose: "reads and writes its own data" },
        { principal: `oncall-${service % 120}`, kind: "group", purpose: "break glass" },
      ],
    };
    const labels = { environment: pick(ENVIRONMENTS), ...(random() < 0.2 ? { scope: "pci" } : {}) };
    documents.push(credential(name, spec, { labels }));
    if (random() < 0.4) {
      statuses.push(
        status(name, { versions: [version(rotatedAt, { handle: `${provider}-${hex(random)}` })] }),
      );
    }
    if (service % 40 === 7 && number % PER_SERVICE === 0) {
      documents.push(
        exception(`freeze-${service}`, { match: { services: [`${word}-${service}`] }, policy: `${type}s` }),
      );
    }
  }
  return sampleReport(documents, { statuses });
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function hex(random: () => number): string {
  return Math.floor(random() * 2 ** 48)
    .toString(16)
    .padStart(12, "0");
}

/** Numbers from 0 to 1 that are the same for a seed everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
