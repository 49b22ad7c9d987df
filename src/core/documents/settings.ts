import { type Static, Type } from "typebox";
import { ChannelSpec } from "./channel.ts";
import {
  CredentialTypeName,
  closed,
  date,
  documentOf,
  duration,
  LABEL_PATTERN,
  LabelMatch,
  list,
  mapOf,
  NAME_PATTERN,
  Name,
  oneOf,
  SecretRef,
  text,
} from "./common.ts";
import { Discovery } from "./discovery.ts";

const secret = (description: string) => Type.Optional({ ...SecretRef, description });
const Team = closed({
  slack: Type.Optional(text("Channel.", 100)),
  mail: Type.Optional(text("Mail address.", 200)),
  github: Type.Optional(text("`org/team` or a login.", 200)),
});
const Freeze = closed({ from: date("First moment."), to: date("End, exclusive."), reason: text("Why.") });
const count = (minimum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum: 100_000, description }));
const Limits = closed({
  startsPerRun: count(0, "New rotations per run; default 10."),
  openRotations: count(0, "Open rotations at once; default 200."),
  perService: count(1, "Rotations of one service between issue and confirm; default 1."),
  concurrency: count(1, "Effects at the same time; default 8."),
  wave: count(1, "Credentials that advance in one push; default 200."),
  lease: Type.Optional(duration("How long a run holds a rotation without renewing; default 15m.")),
  freeze: Type.Optional(list(Freeze, "No start, deactivation or revocation.", { minItems: 1 })),
});
const Route = closed({
  match: Type.Optional(
    Type.Object(
      {
        levels: Type.Optional(list(oneOf(["warning", "critical", "emergency"]), "Levels.", { minItems: 1 })),
        teams: Type.Optional(list(Name, "Owning teams.", { minItems: 1 })),
        types: Type.Optional(list(CredentialTypeName, "Types.", { minItems: 1 })),
        services: Type.Optional(list(Name, "Services.", { minItems: 1 })),
        labels: Type.Optional(LabelMatch),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
  ),
  to: list(Name, "Channels, or `owner`.", { minItems: 1 }),
  continue: Type.Optional(
    Type.Boolean({ description: "Whether the routes after it are looked at as well." }),
  ),
  escalateAfter: Type.Optional(
    duration("What nobody has answered for this long goes to `escalateTo` as well."),
  ),
  escalateTo: Type.Optional(list(Name, "Channels.", { minItems: 1 })),
  digest: Type.Optional(
    closed({
      at: Type.String({
        pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
        description: 'Time of day in quotes, such as "09:00"; without `digest` it is 09:00 UTC.',
      }),
      timezone: Type.Optional(text("IANA time zone; default UTC.", 64)),
    }),
  ),
});
const Forge = closed({
  kind: oneOf(["github", "none"], "Where people review and are told; default none."),
  repository: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$",
      description: "`owner/name`; default: that of the workflow, else of the git remote.",
    }),
  ),
  url: Type.Optional(
    Type.String({
      pattern: "^https?://",
      maxLength: 500,
      description: "Address of the API; default https://api.github.com. http only on this machine.",
    }),
  ),
  ca: Type.Optional(text("Path of a CA bundle (PEM) in the repository.")),
  token: secret("The runner's token there; default { env: GITHUB_TOKEN }."),
  emergencyWorkflow: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z0-9._-]{1,100}\\.ya?ml$",
      description:
        "File of the workflow that `cre compromise` starts where this machine lacks what it needs.",
    }),
  ),
});
const Issues = closed({
  perOwner: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 500,
      description: "Open issues of one owner; beyond that one digest issue instead. Default 20.",
    }),
  ),
});
const Changes = closed({
  cooldown: Type.Optional(
    duration(
      "How long a change of a connection, a provider or a target rests after its approval; default 24h.",
    ),
  ),
});
const FRAMEWORK_PATTERN = `${NAME_PATTERN}|^[^\\s]{1,200}\\.ya?ml$`;

const Spec = closed({
  state: Type.Optional(
    closed({
      branch: Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9/_.-]{0,200}$",
        description: "Branch of the machine's files; `same`: the default branch.",
      }),
    }),
  ),
  schedule: Type.Optional(
    closed({ every: duration("How often the scheduled run is meant to happen; default 6h.") }),
  ),
  tagKey: secret("Key of the tags by which `cre check` knows a value."),
  labels: Type.Optional(
    mapOf(
      LABEL_PATTERN,
      closed({
        required: Type.Optional(Type.Boolean({ description: "Whether every credential must have it." })),
        values: Type.Optional(list(Type.String(), "Allowed values.", { minItems: 1 })),
      }),
      "Labels that credentials must carry, and their values.",
    ),
  ),
  teams: Type.Optional(mapOf(NAME_PATTERN, Team, "Teams that may own credentials.")),
  limits: Type.Optional(Limits),
  channels: Type.Optional(mapOf(NAME_PATTERN, ChannelSpec, "Where alerts go.")),
  routes: Type.Optional(list(Route, "First match wins unless `continue: true`.")),
  discovery: Type.Optional(list(Discovery, "Sources of discovery.", { minItems: 1 })),
  unmanaged: Type.Optional(
    oneOf(["warning", "critical"], "Level of an unmanaged credential; default warning."),
  ),
  reports: Type.Optional(
    closed({
      frameworks: list(
        Type.String({
          pattern: FRAMEWORK_PATTERN,
          description: "Name of a framework that is shipped, or path of a YAML file with your own.",
        }),
        "Frameworks whose controls are shown; default soc2, iso27001 and pci-dss.",
        { minItems: 1 },
      ),
    }),
  ),
  network: Type.Optional(
    closed({
      proxy: secret("Address of a proxy."),
      ca: Type.Optional(text("Path of a CA bundle (PEM).")),
      scan: Type.Optional(
        list(text("`host:port` pattern.", 300), "Endpoints beyond public addresses that may be scanned.", {
          minItems: 1,
        }),
      ),
    }),
  ),
  forge: Type.Optional(Forge),
  issues: Type.Optional(Issues),
  changes: Type.Optional(Changes),
  paths: Type.Optional(
    list(
      Type.String({ pattern: "^/", maxLength: 4096, description: "Absolute folder." }),
      "Where env-file may write, and certificate files of the host are read.",
      { minItems: 1 },
    ),
  ),
  commands: Type.Optional(
    mapOf(
      NAME_PATTERN,
      list(Type.String({ minLength: 1 }), "Executable and arguments.", { minItems: 1 }),
      "What `command` may run.",
    ),
  ),
  heartbeat: secret(
    "Address that gets a POST at the end of each scheduled run that could do its work and tell people.",
  ),
});

/** Settings of the whole repository; the document is optional. */
export const Settings = documentOf("Settings", Spec, "Settings of the whole repository; at most one.");
export type Settings = Static<typeof Settings>;
export type SettingsSpec = Settings["spec"];

/** The values that hold without the document or where it says nothing (design section 2). */
export const SETTINGS_DEFAULTS = {
  stateBranch: "cre/state",
  every: "6h",
  startsPerRun: 10,
  openRotations: 200,
  perService: 1,
  concurrency: 8,
  wave: 200,
  lease: "15m",
  issuesPerOwner: 20,
  cooldown: "24h",
  lookEvery: "24h",
  frameworks: ["soc2", "iso27001", "pci-dss"],
} as const;
