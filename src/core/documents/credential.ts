import { type Static, Type } from "typebox";
import {
  CredentialTypeName,
  closed,
  date,
  documentOf,
  duration,
  list,
  NAME_PATTERN,
  Name,
  oneOf,
  text,
} from "./common.ts";
import { Deliver } from "./deliver.ts";
import { Endpoint } from "./endpoint.ts";
import { Provider } from "./provider.ts";

const Access = closed({
  principal: text("Who can use the credential: a service, a group or a person.", 200),
  kind: oneOf(["service", "group", "person", "external"]),
  purpose: Type.Optional(text("What for.")),
  until: Type.Optional(date("End of this access.")),
});

const Manual = closed(
  {
    console: Type.Optional(
      Type.String({
        pattern: "^https://",
        description: "https address of the page where a person makes the new one.",
      }),
    ),
    steps: Type.Optional(text("Path of the runbook in this repository, or the steps themselves.", 2000)),
    oldLives: Type.Optional(duration("How long the old one goes on working after the switch.")),
  },
  "How a person rotates it.",
);

const Compromised = closed(
  {
    at: date("When it was compromised."),
    reportedBy: text("Who reported it.", 200),
    reason: text("What happened; never the value."),
  },
  "Starts the emergency. Never removed: it is history.",
);

const Spec = closed({
  type: CredentialTypeName,
  service: Type.String({ pattern: NAME_PATTERN, description: "The owning service." }),
  owner: closed({ team: Name, contact: text("Mail address or channel.", 200) }, "Who answers for it."),
  createdAt: date("When the credential was first made."),
  method: oneOf(
    ["automated", "manual", "delegated"],
    "Who rotates it: this tool, a person, or another system.",
  ),
  provider: Type.Optional(Provider),
  deliver: Type.Optional(Deliver),
  access: Type.Optional(list(Access, "Who can use it. Absent is a finding, an empty list is «nobody».")),
  rotatedAt: Type.Optional(date("Last rotation, kept by people for manual credentials.")),
  expiresAt: Type.Optional(date("The provider's own end.")),
  manual: Type.Optional(Manual),
  delegate: Type.Optional(closed({ to: text("Which system rotates it.", 200) })),
  endpoints: Type.Optional(
    list(Endpoint, "Where a certificate is served; only ever scanned.", { minItems: 1, maxItems: 100 }),
  ),
  certificateFiles: Type.Optional(
    list(
      Type.String({ minLength: 1, maxLength: 4096, description: "Path." }),
      "PEM files with the certificate and its chain: in this repository, or on the runner's host below `Settings.paths`. Keys in them are not looked at.",
      { minItems: 1, maxItems: 100 },
    ),
  ),
  compromised: Type.Optional(Compromised),
  retiredAt: Type.Optional(date("From when on it is no longer needed.")),
  handle: Type.Optional(text("Public handle of the current version, for matching and adoption.", 200)),
  dependsOn: Type.Optional(list(Name, "Credentials that are rotated first.", { minItems: 1 })),
});

/** What people declare about one credential; never a secret value. */
export const Credential = documentOf(
  "Credential",
  Spec,
  "One credential: what it is, who owns it, how it is rotated.",
);
export type Credential = Static<typeof Credential>;
export type CredentialSpec = Credential["spec"];
export type { DeliverEntry } from "./deliver.ts";
