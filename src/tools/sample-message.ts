import { instantOf } from "../core/model/instant.ts";
import type { Alert, Message } from "../core/ports/channel.ts";

/** The clock of the samples. */
export const NOON = 1_790_000_000;
const DAY = 86_400;

/** The alerts that the page of messages shows: one of each kind. */
export function sampleAlerts(): readonly Alert[] {
  const alert = (fields: Partial<Alert> & Pick<Alert, "fingerprint">): Alert => ({
    occasion: "new",
    level: "critical",
    code: "rotation-overdue",
    credential: "orders-db",
    service: "orders-api",
    team: "payments",
    message: "orders-db is 3 days overdue: the policy database-passwords wants a new version every 60 days",
    fix: "look at what keeps it back with cre status orders-db",
    since: instantOf(NOON - 3 * DAY),
    dueAt: instantOf(NOON - 3 * DAY),
    url: "https://github.com/acme/credentials/issues/41",
    ...fields,
  });
  return [
    alert({
      fingerprint: "0b54f2c9d1a7e386",
      level: "emergency",
      code: "compromised",
      credential: "payments-key",
      service: "payments-api",
      message: "payments-key was reported as compromised by alice, and its old version is still alive",
      fix: "follow cre status payments-key; make a new key in the console if it does not rotate by itself",
      since: instantOf(NOON - 1200),
      dueAt: undefined,
      url: "https://github.com/acme/credentials/issues/44",
    }),
    alert({ fingerprint: "7c1e60b5a8f3d294" }),
    alert({
      fingerprint: "3f9a17c2e45b80d6",
      occasion: "reminder",
      level: "warning",
      code: "rotation-due",
      credential: "www-example",
      service: "web",
      team: "web",
      message: "www-example ends in 6 days, and is rotated by hand",
      fix: "make a new certificate, then run cre rotated www-example",
      since: instantOf(NOON - 8 * DAY),
      dueAt: instantOf(NOON + 6 * DAY),
      url: "https://github.com/acme/credentials/issues/37",
    }),
    alert({
      fingerprint: "e2d80f6b91c4a753",
      occasion: "recovered",
      code: "rotation-parked",
      credential: "reports-db",
      service: "reports",
      team: "platform",
      message: "the rotation of reports-db was parked",
      fix: "cre retry reports-db",
      url: undefined,
    }),
  ];
}

/** A message of these alerts. */
export function messageOf(alerts: readonly Alert[], fields: Partial<Message> = {}): Message {
  return {
    id: "digest-security-2026-09-21",
    kind: "digest",
    level: "emergency",
    place: "acme/credentials",
    alerts,
    more: {},
    at: instantOf(NOON),
    url: "https://github.com/acme/credentials/issues/1",
    ...fields,
  };
}
