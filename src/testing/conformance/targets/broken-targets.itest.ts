import { afterAll, beforeAll, expect, test } from "vitest";
import { createEstate, type WaveEstate } from "../estate.ts";
import { START } from "../killed-rotation.ts";
import { leaks, objectsOf } from "../proofs.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { openSharedServices } from "./shared-services.ts";
import type { SharedServices, Target } from "./target.ts";
import { STAGING, settleTargets, type TargetsTenant, targetOf } from "./targets-tenant.ts";

interface Broken {
  readonly kind: string;
  readonly how: string;
  /** The fact that people are told. */
  readonly fact: RegExp;
  /** Nobody can mend it in this test. */
  readonly stays?: true;
}

const BROKEN: readonly Broken[] = [
  { kind: "webhook", how: "another key", fact: /401|key/ },
  { kind: "kubernetes-secret", how: "no namespace", fact: /namespace/ },
  { kind: "kubernetes-secret", how: "a foreign field manager", fact: /external-secrets/ },
  { kind: "kubernetes-secret", how: "no permission to patch", fact: /patch/ },
  { kind: "aws-secrets-manager", how: "scheduled for deletion", fact: /deleted/ },
  { kind: "aws-secrets-manager", how: "no permission to read", fact: /secretsmanager:DescribeSecret/ },
  { kind: "aws-secrets-manager", how: "a new version of somebody else", fact: /AWSPENDING/ },
  { kind: "command", how: "not executable", fact: /execute/ },
  { kind: "command", how: "refuses", fact: /as-the-test-wants/ },
  { kind: "github-secret", how: "an archived repository", fact: /archived/, stays: true },
  { kind: "github-secret", how: "no permission for secrets", fact: /permission/ },
  { kind: "github-secret", how: "a token that is over", fact: /401|token/ },
  { kind: "aws-ssm", how: "no permission to read", fact: /ssm:GetParameterHistory/ },
  { kind: "aws-ssm", how: "a plain parameter", fact: /unencrypted/ },
];

let shared: SharedServices;
let estate: WaveEstate<TargetsTenant>;
beforeAll(async () => {
  shared = await openSharedServices();
  estate = await createEstate(
    BROKEN.map(({ kind }, at) => {
      const last = kind === "github-secret" ? kind : "aws-ssm";
      return settleTargets(`orders-${at}`, [...STAGING, last], shared);
    }),
  );
});
afterAll(async () => {
  await estate?.dispose();
  await shared.kubernetes.close();
});

function each(): readonly { broken: Broken; tenant: TargetsTenant; target: Target }[] {
  return BROKEN.map((broken, at) => {
    const tenant = estate.tenants[at];
    if (tenant === undefined) throw new Error(`nothing to break: ${broken.how}`);
    return { broken, tenant, target: targetOf(tenant, broken.kind) };
  });
}

test("any one target that is not fit: no key is made, no target is touched, and a person is told which and why", {
  timeout: 120_000,
}, async () => {
  await estate.runAt(START);
  for (const { broken, target } of each()) await target.spoil(broken.how);
  const effects: string[] = [];
  const report = await estate.runAt(hoursAfter(START, 1), (call, side, credential) => {
    if (call !== "push" || credential !== undefined) effects.push(`${credential} ${call} ${side}`);
  });
  expect(effects).toEqual([]);
  expect(report.exit).toBe(3);
  for (const { broken, tenant, target } of each()) {
    const said = report.lines.filter(({ credential }) => credential === tenant.plan.name);
    const text = said.map((line) => line.text).join("\n");
    expect(text).toContain(target.mentioned);
    expect([broken.how, text]).toEqual([broken.how, expect.stringMatching(broken.fact)]);
    expect(await tenant.provider.versions()).toHaveLength(1);
    await tenant.provider.signIn(tenant.provider.first);
    expect(leaks(new Set([tenant.provider.first["secretAccessKey"] ?? ""]), { text })).toEqual([]);
  }
});

test("once it is fit, the next run hands the new key to all", { timeout: 120_000 }, async () => {
  for (const { target } of each()) await target.mend();
  const at = hoursAfter(START, 60);
  for (const { tenant } of each()) {
    if (tenant.status()?.rotation?.outcome === "parked") await estate.retry(at, tenant.plan.name);
  }
  await estate.runAt(at);
  for (const { broken, tenant } of each()) {
    if (broken.stays) continue;
    const attempt = tenant.status()?.rotation?.attempt?.id;
    for (const target of tenant.targets) {
      expect([broken.how, target.kind, await target.attempts()]).toEqual([
        broken.how,
        target.kind,
        { current: attempt, pending: undefined },
      ]);
    }
    await tenant.sample();
    expect([broken.how, tenant.consumer.tally]).toEqual([
      broken.how,
      expect.objectContaining({ failures: 0 }),
    ]);
    expect(leaks(tenant.seen, { remote: objectsOf(estate.remote) })).toEqual([]);
  }
});
