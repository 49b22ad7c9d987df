import { type Static, Type } from "typebox";
import {
  type CredentialType,
  closed,
  date,
  documentOf,
  duration,
  list,
  Match,
  oneOf,
  text,
} from "./common.ts";

/** When something may happen: a cron line that opens it and how long it stays open. */
export const Window = closed({
  cron: text("Five cron fields: when the window opens.", 100),
  duration: duration("How long it stays open."),
  timezone: Type.Optional(text("IANA time zone; default UTC.", 64)),
});
export type Window = Static<typeof Window>;

const Renew = Type.Object(
  {
    ari: Type.Optional(
      Type.Boolean({ description: "Follow the CA's renewal window (RFC 9773) where it offers one." }),
    ),
    beforeExpiry: Type.Optional(duration("How long before the end.")),
    fractionOfLifetime: Type.Optional(
      Type.String({
        pattern: "^[1-9]\\d?/[1-9]\\d?$",
        description: "At most this part of the lifetime, such as `1/3`.",
      }),
    ),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: "By the end of the certificate instead of its age.",
  },
);

const Spec = closed({
  match: Type.Optional(Match),
  rotateWithin: Type.Optional(duration("The longest any live version may exist; at least 1d.")),
  renew: Type.Optional(Renew),
  warnBefore: Type.Optional(duration("How long before the due date it is stale; default 14d.")),
  enforcement: Type.Optional(
    oneOf(["report", "rotate"], "report (default) only finds; rotate also starts rotations."),
  ),
  gracePeriod: Type.Optional(
    duration(
      "The old version stays alive at least this long after the new one is proven in use; default 24h.",
    ),
  ),
  quietPeriod: Type.Optional(
    duration(
      "The old one must have been silent this long; default 7d (certificates: 0s), or the longest longestIdle.",
    ),
  ),
  soakPeriod: Type.Optional(
    duration("Deactivated, reversible, before it is revoked; default 7d (certificates: 12h)."),
  ),
  window: Type.Optional(Window),
  emergency: Type.Optional(
    closed({
      order: Type.Optional(oneOf(["replace-first", "revoke-first"])),
      confirmWithin: Type.Optional(
        duration("How long an emergency waits for the proof of use; default 15m."),
      ),
    }),
  ),
  inPlace: Type.Optional(
    closed({ allowDowntime: duration("The longest outage accepted for one-slot rotation.") }),
  ),
  exceptions: Type.Optional(
    closed({
      allowed: Type.Optional(Type.Boolean()),
      maxDuration: Type.Optional(duration("The longest an exception may run; default 90d.")),
    }),
  ),
  require: Type.Optional(
    list(
      text("Path below `spec`, such as `owner.contact`.", 100),
      "Fields that must be present and not empty.",
      { minItems: 1 },
    ),
  ),
  basis: Type.Optional(
    closed({
      reason: text("Why these numbers."),
      reference: Type.Optional(text("Document or risk analysis.", 200)),
      reviewedAt: Type.Optional(date("Last review.")),
    }),
  ),
});

/** How long credentials of a kind may live and how their rotation goes. */
export const Policy = documentOf(
  "Policy",
  Spec,
  "How long matching credentials may live and how their rotation goes.",
);
export type Policy = Static<typeof Policy>;
export type PolicySpec = Policy["spec"];

/** Values that hold where a policy says nothing (design section 2). */
export const POLICY_DEFAULTS = {
  warnBefore: "14d",
  gracePeriod: "24h",
  quietPeriod: "7d",
  soakPeriod: "7d",
  confirmWithin: "15m",
  emergencyOrder: "replace-first",
  exceptionMaxDuration: "90d",
} as const;

type Period = "gracePeriod" | "quietPeriod" | "soakPeriod";

/**
 * A certificate is served or it is not: there is no consumer that comes back to it after a week. With the periods of the
 * others, which are days, the rotation of a certificate that lives six would still be open when the next is due. Few
 * authorities can suspend one, so that it soaks at all; there half a day shows whether somebody misses it.
 */
const PERIODS_OF_TYPE: Readonly<Partial<Record<CredentialType, Partial<Record<Period, string>>>>> = {
  "tls-certificate": { quietPeriod: "0s", soakPeriod: "12h" },
};

/** The period that holds for this type of credential where a policy says nothing. */
export function defaultPeriod(field: Period, type: CredentialType): string {
  return PERIODS_OF_TYPE[type]?.[field] ?? POLICY_DEFAULTS[field];
}
