import { describe, expect, test } from "vitest";
import {
  credential,
  documents,
  exception,
  hold,
  policy,
  settings,
} from "../../../testing/evaluation/world.ts";
import { compared, connection, withConnections } from "../../../testing/impact/compared.ts";
import type { Credential } from "../../documents/credential.ts";
import type { Documents, Sourced } from "../../documents/kinds.ts";
import type { Policy } from "../../documents/policy.ts";
import type { Settings } from "../../documents/settings.ts";

/** `code: message` of each risk, in the order in which they are told. */
function risks(before: Documents, after: Documents, changedFiles: readonly string[] = []): readonly string[] {
  const report = compared(before, after, { changedFiles: new Set(changedFiles) });
  return report.risks.map(({ code, message }) => `${code}: ${message}`);
}

type Spec = Partial<Credential["spec"]>;
const KEYS = policy("keys", { rotateWithin: "90d" });
const IAM: Spec = { method: "automated", provider: { "aws-iam": { connection: "prod", user: "app" } } };
const HOOK: Spec = { ...IAM, deliver: [{ webhook: { connection: "hook" }, consumer: "app" }] };

describe("a credential", () => {
  test.each<[string, Spec, Spec, readonly string[]]>([
    [
      "a provider's identity",
      IAM,
      { ...IAM, provider: { "aws-iam": { connection: "prod", user: "admin" } } },
      ["provider-changed: provider.aws-iam.user: app → admin"],
    ],
    [
      "another provider",
      IAM,
      { ...IAM, provider: { external: { connection: "x", object: "y" } } },
      [
        'provider-changed: provider.aws-iam: {"connection":"prod","user":"app"} → none; provider.external: none → {"connection":"x","object":"y"}',
      ],
    ],
    [
      "another connection of a target",
      HOOK,
      { ...HOOK, deliver: [{ webhook: { connection: "evil" }, consumer: "app" }] },
      ["target-changed: deliver.webhook.connection: hook → evil"],
    ],
    [
      "a further target",
      HOOK,
      { ...HOOK, deliver: [...(HOOK.deliver ?? []), { command: { run: "put" } }] },
      ['target-changed: new target command {"run":"put"}'],
    ],
    [
      "another reader at the same target",
      HOOK,
      { ...HOOK, deliver: [{ webhook: { connection: "hook" } }] },
      [],
    ],
    [
      "a compromise that is taken away",
      { compromised: { at: "2026-03-01", reportedBy: "a", reason: "log" } },
      {},
      ["compromise-removed: `compromised` is removed: it is history and stays"],
    ],
    [
      "a compromise that is reported",
      {},
      { compromised: { at: "2026-03-01", reportedBy: "a", reason: "log" } },
      [],
    ],
    [
      "a method that no run cares for",
      IAM,
      { ...IAM, method: "manual" },
      ["method-changed: method: automated → manual, so that no run rotates it any more"],
    ],
    ["a contact", { owner: { team: "payments", contact: "a@b" } }, {}, []],
  ])("%s", (_, before, after, expected) => {
    expect(risks(documents(KEYS, credential("a", before)), documents(KEYS, credential("a", after)))).toEqual(
      expected,
    );
  });

  test("what is changed is on hold where settings guard it, and only there", () => {
    const change = (guard: readonly Sourced[]) =>
      compared(documents(KEYS, ...guard, credential("a", IAM)), documents(KEYS, ...guard, credential("a")));
    const forge = [settings({ forge: { kind: "github" } })];
    expect(change(forge)).toMatchObject({
      guard: { approval: true, cooldown: "24h" },
      risks: [{ code: "provider-changed", name: "a", file: "registry/a.yaml", onHold: true }, {}],
    });
    expect(change([settings({ changes: { cooldown: "2h" } })])).toMatchObject({
      guard: { approval: false, cooldown: "2h" },
    });
    expect(change([])).toMatchObject({ guard: null, risks: [{ onHold: false }, {}] });
  });
});

describe("a connection", () => {
  const users = [KEYS, credential("a", HOOK), credential("b", HOOK)];
  const base = withConnections(documents(...users), connection("hook"));
  const key = { id: "k1", secret: { env: "HOOK_KEY" } };

  test.each<[string, Parameters<typeof connection>[1], readonly string[]]>([
    [
      "another address",
      { webhook: { url: "https://evil.example/hook", key } },
      [
        "connection-changed: webhook.url: https://orders.internal/hook → https://evil.example/hook (used by 2 credentials)",
      ],
    ],
    [
      "another secret",
      {
        webhook: { url: "https://orders.internal/hook", key: { id: "k1", secret: { file: "/etc/passwd" } } },
      },
      [
        "connection-changed: webhook.key.secret.env: HOOK_KEY → none; webhook.key.secret.file: none → /etc/passwd (used by 2 credentials)",
      ],
    ],
    ["a zone", { zone: "dmz" }, ["zone-changed: zone: none → dmz (used by 2 credentials)"]],
    ["an allow that bounds it", { allow: { names: ["a"] } }, []],
  ])("%s", (_, spec, expected) => {
    expect(risks(base, withConnections(documents(...users), connection("hook", spec)))).toEqual(expected);
  });

  test("whoever is let in beyond those of before, or everybody, is told; fewer are not", () => {
    const allowing = (allow: NonNullable<Parameters<typeof connection>[1]>["allow"]) =>
      withConnections(documents(KEYS), connection("hook", allow === undefined ? {} : { allow }));
    const old = allowing({ names: ["a", "b"], objects: ["x"] });
    expect(risks(old, allowing({ names: ["a"], objects: ["x"] }))).toEqual([]);
    expect(risks(old, allowing({ names: ["a", "b"], objects: ["*"] }))).toEqual([
      'allow-widened: allow.objects: ["x"] → ["*"] (no credential uses it)',
    ]);
    expect(risks(old, allowing(undefined))).toHaveLength(1);
    expect(risks(allowing(undefined), old)).toEqual([]);
  });

  test("a new one is told after everything else", () => {
    const after = withConnections(
      documents(policy("keys", { rotateWithin: "91d" }), ...users.slice(1)),
      connection("hook"),
      connection("new"),
    );
    expect(risks(base, after).map((risk) => risk.split(":")[0])).toEqual([
      "policy-loosened",
      "connection-added",
    ]);
  });

  test("a certificate of an authority that is another, although no document changed, is told", () => {
    const spec = { webhook: { url: "https://orders.internal/hook", key, ca: "./certs/ca.pem" } };
    const same = withConnections(documents(...users), connection("hook", spec));
    expect(risks(same, same, ["certs/ca.pem", "README.md"])).toEqual([
      "trusted-file-changed: certs/ca.pem, which it relies on, is another",
    ]);
  });
});

describe("a policy", () => {
  const full: Policy["spec"] = {
    match: { types: ["api-key", "ssh-key"], labels: { env: "prod" } },
    rotateWithin: "90d",
    renew: { beforeExpiry: "30d" },
    enforcement: "rotate",
    soakPeriod: "14d",
    exceptions: { allowed: false, maxDuration: "30d" },
    require: ["access", "owner.contact"],
  };

  test.each<[string, Policy["spec"], readonly string[]]>([
    ["a longer period", { ...full, rotateWithin: "13w" }, ["rotateWithin: 90d → 13w"]],
    ["the same period in other words", { ...full, rotateWithin: "2160h" }, []],
    ["a shorter period", { ...full, rotateWithin: "60d" }, []],
    ["nothing rotates", { ...full, enforcement: "report" }, ["enforcement: rotate → report"]],
    [
      "a later renewal",
      { ...full, renew: { beforeExpiry: "20d" } },
      ['renew: {"beforeExpiry":"30d"} → {"beforeExpiry":"20d"}'],
    ],
    [
      "a bound on the renewal",
      { ...full, renew: { beforeExpiry: "30d", fractionOfLifetime: "1/3" } },
      ['renew: {"beforeExpiry":"30d"} → {"beforeExpiry":"30d","fractionOfLifetime":"1/3"}'],
    ],
    [
      "fewer types",
      { ...full, match: { types: ["api-key"], labels: { env: "prod" } } },
      [
        'match: {"types":["api-key","ssh-key"],"labels":{"env":"prod"}} → {"types":["api-key"],"labels":{"env":"prod"}}',
      ],
    ],
    ["a wider match", { ...full, match: { types: ["api-key", "ssh-key", "tls-certificate"] } }, []],
    ["a shorter grace", { ...full, gracePeriod: "1h" }, ["gracePeriod: none → 1h"]],
    ["the default grace", { ...full, gracePeriod: "24h" }, []],
    ["a shorter soak", { ...full, soakPeriod: "7d" }, ["soakPeriod: 14d → 7d"]],
    ["a downtime", { ...full, inPlace: { allowDowntime: "5m" } }, ['inPlace: none → {"allowDowntime":"5m"}']],
    [
      "exceptions that are allowed",
      { ...full, exceptions: { allowed: true, maxDuration: "30d" } },
      ["exceptions.allowed: false → true"],
    ],
    [
      "longer exceptions, by saying nothing",
      { ...full, exceptions: { allowed: false } },
      ["exceptions.maxDuration: 30d → 90d"],
    ],
    ["fewer fields", { ...full, require: ["access"] }, ['require: ["access","owner.contact"] → ["access"]']],
    ["more fields", { ...full, require: ["access", "owner.contact", "handle"] }, []],
  ])("%s", (_, after, expected) => {
    const told = risks(documents(policy("keys", full)), documents(policy("keys", after)));
    expect(told).toEqual(expected.map((text) => `policy-loosened: ${text}`));
  });

  test("one that is gone is told where it stood", () => {
    const report = compared(documents(KEYS), documents());
    expect(report.risks).toMatchObject([{ code: "policy-removed", file: "policies/keys.yaml", line: 1 }]);
  });
});

describe("settings", () => {
  const full: Settings["spec"] = {
    paths: ["/etc/orders"],
    commands: { put: ["/bin/put"] },
    labels: { env: { required: true, values: ["prod"] } },
    teams: { payments: { mail: "p@example.com" } },
    forge: { kind: "github" },
    changes: { cooldown: "24h" },
  };

  test.each<[string, Settings["spec"], readonly string[]]>([
    [
      "a path",
      { ...full, paths: ["/etc/orders", "/"] },
      ['settings-changed: paths: ["/etc/orders"] → ["/etc/orders","/"]'],
    ],
    ["a path less", { ...full, paths: [] }, []],
    [
      "a command",
      { ...full, commands: { put: ["/bin/sh"] } },
      ['settings-changed: commands.put: ["/bin/put"] → ["/bin/sh"]'],
    ],
    [
      "a host to scan",
      { ...full, network: { scan: ["*:22"] } },
      ['settings-changed: network.scan: none → ["*:22"]'],
    ],
    ["no forge", { ...full, forge: { kind: "none" } }, ["settings-changed: forge.kind: github → none"]],
    [
      "a state branch",
      { ...full, state: { branch: "other" } },
      ['settings-changed: state: none → {"branch":"other"}'],
    ],
    [
      "a shorter cooldown",
      { ...full, changes: { cooldown: "1h" } },
      ["settings-changed: changes.cooldown: 24h → 1h"],
    ],
    ["a longer cooldown", { ...full, changes: { cooldown: "48h" } }, []],
    [
      "a label less",
      { ...full, labels: {} },
      ['settings-changed: labels.env: {"required":true,"values":["prod"]} → none'],
    ],
    ["a label more", { ...full, labels: { ...full.labels, "a.b/c": { required: true } } }, []],
    [
      "a team elsewhere",
      { ...full, teams: { payments: {} } },
      ["settings-changed: teams.payments.mail: p@example.com → none"],
    ],
    [
      "no starts",
      { ...full, limits: { startsPerRun: 0 } },
      ["everything-held: limits.startsPerRun is 0: no rotation starts"],
    ],
    [
      "a freeze",
      { ...full, limits: { freeze: [{ from: "2026-04-01", to: "2026-05-01", reason: "sale" }] } },
      ["everything-held: limits.freeze: no rotation starts from 2026-04-01 to 2026-05-01"],
    ],
    [
      "a channel",
      { ...full, channels: { page: { slack: { webhook: { env: "SLACK" } } } } },
      ['settings-changed: channels: none → {"page":{"slack":{"webhook":{"env":"SLACK"}}}}'],
    ],
  ])("%s", (_, after, expected) => {
    expect(risks(documents(settings(full)), documents(settings(after)))).toEqual(expected);
  });

  test("all of it is told when the document is gone", () => {
    expect(risks(documents(settings(full)), documents())).toHaveLength(4);
  });

  test("a guard of targets that is taken away is told, one that is new is not", () => {
    const guard = documents(settings({ changes: { cooldown: "24h" } }));
    expect(risks(guard, documents(settings({})))).toEqual(["settings-changed: changes.cooldown: 24h → none"]);
    expect(risks(documents(settings({})), documents(settings({ changes: { cooldown: "1h" } })))).toEqual([]);
  });
});

describe("exceptions and holds", () => {
  const wait = (spec: Parameters<typeof exception>[1]): Sourced =>
    exception("wait", { credentials: ["a"], policy: "keys", ...spec });
  const all = [KEYS, credential("a")];

  test("one that lasts longer or reaches further is told, a shorter one and a better reason are not", () => {
    const told = (spec: Parameters<typeof exception>[1]) =>
      risks(documents(...all, wait({})), documents(...all, wait(spec)));
    expect(told({ expiresAt: "2026-05-01" })).toEqual([
      "exception-lengthened: expiresAt: 2026-04-01 → 2026-05-01, once another person has approved it",
    ]);
    expect(told({ credentials: ["a", "b"] })).toHaveLength(1);
    expect(told({ expiresAt: "2026-03-20" })).toEqual([]);
    expect(told({ justification: "A longer and better reason than before." })).toEqual([]);
  });

  test("one that has ended already waives nothing and is no risk", () => {
    expect(risks(documents(...all), documents(...all, wait({ expiresAt: "2026-03-10" })))).toEqual([]);
  });

  test("a hold of everything is told with its end, one of a credential is not", () => {
    const stop = hold("stop", { all: true, reason: "incident 12" });
    expect(risks(documents(...all), documents(...all, stop))).toEqual([
      "everything-held: no rotation of any credential starts or goes on until 2026-04-01 (emergencies do): incident 12",
    ]);
    expect(risks(documents(...all, stop), documents(...all, stop))).toEqual([]);
    expect(risks(documents(...all), documents(...all, hold("one", { credentials: ["a"] })))).toEqual([]);
  });
});
