import { execFileSync } from "node:child_process";
import { STS } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, test } from "vitest";
import { openActing } from "../../../app/acting/open-acting.ts";
import { epochSeconds } from "../../../core/model/instant.ts";
import type { Rotation } from "../../../core/state/status.ts";
import { CliSession } from "../../cli/session.ts";
import { createEstate, type WaveEstate } from "../estate.ts";
import { START } from "../killed-rotation.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { type AwsIamProvider, openAwsIamProvider } from "./aws-iam-provider.ts";
import { type OverlapTenant, settleOverlap } from "./overlap-tenant.ts";

const NAME = "orders-key";

interface Story {
  readonly estate: WaveEstate<OverlapTenant>;
  readonly tenant: OverlapTenant;
  readonly aws: AwsIamProvider;
  /** The key that was there before us. */
  readonly old: Readonly<Record<string, string>>;
  /** Scheduled runs at these hours, each from a fresh clone. */
  readonly run: (...hours: readonly number[]) => Promise<{ readonly exit: number; readonly said: string }>;
  readonly rotation: () => Rotation | undefined;
  readonly works: (parts: Readonly<Record<string, string>>) => Promise<boolean>;
  /** Somebody uses a key at this hour. */
  readonly use: (keyId: string | undefined, hour: number) => void;
  /** What a read-only command says at this hour, as JSON. */
  readonly ask: (command: string, hour: number) => Promise<unknown>;
}

let estate: WaveEstate<OverlapTenant> | undefined;
afterEach(async () => estate?.dispose());

async function begin(ageInDays?: number): Promise<Story> {
  const opened: AwsIamProvider[] = [];
  const made = await createEstate([
    settleOverlap(NAME, async (name, clock) => {
      const provider = await openAwsIamProvider(name, clock, ageInDays);
      opened.push(provider);
      return provider;
    }),
  ]);
  estate = made;
  const [tenant] = made.tenants;
  const [aws] = opened;
  if (tenant === undefined || aws === undefined) throw new Error("no credential");
  return {
    estate: made,
    tenant,
    aws,
    old: aws.first,
    run: async (...hours) => {
      let exit = 0;
      const said: string[] = [];
      for (const hour of hours) {
        const report = await made.runAt(hoursAfter(START, hour));
        exit = report.exit;
        said.push(...report.lines.map(({ text }) => text));
      }
      return { exit, said: said.join("\n") };
    },
    rotation: () => tenant.status()?.rotation,
    works: async (parts) =>
      aws.signIn(parts).then(
        () => true,
        () => false,
      ),
    use: (keyId = "", hour) =>
      aws.service.use(keyId, {
        at: new Date(epochSeconds(hoursAfter(START, hour)) * 1000),
        service: "s3",
        region: "eu-west-1",
      }),
    ask: async (command, hour) => {
      const clone = made.clone();
      execFileSync("git", ["-C", clone, "checkout", "--quiet", "main"]);
      const now = hoursAfter(START, hour);
      const { code, out, err } = await new CliSession(clone, made.env).run(
        [command, "--format", "json", "--now", now],
        { now },
      );
      if (code !== 0) throw new Error(`cre ${command} ended with ${code}: ${err}`);
      return JSON.parse(out);
    },
  };
}

test("a consumer that goes on using the old key keeps it alive however long; the plan says why, and the finding's level rises", async () => {
  // Due in ten days, and rotated ahead of it.
  const { run, use, old, works, rotation, ask } = await begin(50);
  await run(0, 1);
  const due = 10 * 24;
  for (const [hour, level] of [
    [60, "warning"],
    [due + 20, "critical"],
  ] as const) {
    use(old["accessKeyId"], hour - 1);
    await run(hour);
    expect([hour, await works(old), rotation()?.step]).toEqual([hour, true, "deactivate"]);
    expect(rotation()?.wait).toMatchObject({ why: "quiet" });
    const evaluation = (await ask("evaluate", hour)) as { findings: { code: string; level: string }[] };
    const found = evaluation.findings.filter(({ code }) => code === "old-still-used");
    expect([hour, found.map((finding) => finding.level)]).toEqual([hour, [level]]);
    const plan = (await ask("plan", hour)) as { items: { action: string; reason: string }[] };
    expect(plan.items).toMatchObject([{ action: "wait" }]);
    expect(plan.items[0]?.reason).toContain("in eu-west-1 by s3");
  }
  for (const hour of [300, 400]) {
    use(old["accessKeyId"], hour - 1);
    await run(hour);
    expect([hour, await works(old), rotation()?.step]).toEqual([hour, true, "deactivate"]);
  }
  // Silent at last: two days of quiet, then it ends as any other.
  await run(460, 520, 580);
  expect(rotation()).toMatchObject({ outcome: "done" });
  expect(await works(old)).toBe(false);
});

test("an old key that is used again during the soak is active again after the next run, and ends later", async () => {
  const { run, use, old, works, rotation, tenant } = await begin();
  await run(0, 1, 60);
  expect(rotation()).toMatchObject({ step: "revoke" });
  expect(await works(old)).toBe(false);
  use(old["accessKeyId"], 70);
  const { said } = await run(72);
  expect(said).toContain("used again");
  expect(await works(old)).toBe(true);
  expect(rotation()).toMatchObject({ outcome: "open" });
  await run(140, 210, 280);
  expect(rotation()).toMatchObject({ outcome: "done" });
  expect(await works(old)).toBe(false);
  expect(tenant.consumer.tally.failures).toBe(0);
});

test("two keys that nobody has told apart are not adopted: both are named with their last use, and none is touched", async () => {
  const { run, old, aws, rotation, works } = await begin();
  const { AccessKey: other } = await aws.iam.createAccessKey({ UserName: aws.user });
  const { exit, said } = await run(0, 1);
  expect(exit).toBe(3);
  expect(rotation()?.parked).toMatchObject({ code: "adoption-ambiguous" });
  const message = rotation()?.parked?.message;
  expect(message).toContain(`${old["accessKeyId"]} (can log in`);
  expect(message).toMatch(/last used 2026-11-25T\S+ in eu-central-1 by sts/);
  expect(message).toContain(`${other?.AccessKeyId} (can log in`);
  expect(message).toContain("never used");
  expect(said).toContain("never used");
  expect(await works(old)).toBe(true);
  expect(aws.service.keys(aws.user)).toHaveLength(2);
});

test("a key that somebody deactivated before us is never touched: it takes the slot, and is named until it is gone", async () => {
  const { run, old, aws, rotation, works } = await begin();
  const { AccessKey: other } = await aws.iam.createAccessKey({ UserName: aws.user });
  const theirs = { UserName: aws.user, AccessKeyId: other?.AccessKeyId };
  await aws.iam.updateAccessKey({ ...theirs, Status: "Inactive" });
  expect((await run(0, 1)).exit).toBe(3);
  expect(rotation()?.parked?.message).toContain(`${theirs.AccessKeyId} (inactive`);
  const { Tags: tags = [] } = await aws.iam.listUserTags({ UserName: aws.user });
  expect(tags.map(({ Key }) => Key)).toEqual(["team", `cre/${old["accessKeyId"]}`]);
  expect(aws.service.keys(aws.user).map(({ status }) => status)).toEqual(["Active", "Inactive"]);
  expect(await works(old)).toBe(true);
});

test("a key that a person makes meanwhile is never touched, and keeps the rotation from starting", async () => {
  const { run, aws, rotation, old, works } = await begin();
  await run(0);
  const { AccessKey: foreign } = await aws.iam.createAccessKey({ UserName: aws.user });
  const { exit } = await run(1, 60, 120);
  expect(exit).toBe(3);
  expect(rotation()?.parked?.message).toContain(foreign?.AccessKeyId);
  expect(await works(old)).toBe(true);
  expect(aws.service.keys(aws.user).map(({ id, status }) => [id, status])).toEqual([
    [old["accessKeyId"], "Active"],
    [foreign?.AccessKeyId, "Active"],
  ]);
});

test("a user that is deleted in mid-rotation is told, and nothing else happens", async () => {
  const { run, aws, tenant } = await begin();
  await run(0, 1);
  for (const id of aws.service.keys(aws.user).map((key) => key.id)) {
    await aws.iam.deleteAccessKey({ UserName: aws.user, AccessKeyId: id });
  }
  await aws.iam.deleteUser({ UserName: aws.user });
  const calls = aws.service.calls.length;
  const { said, exit } = await run(60);
  expect(said).toContain(`the user ${aws.user}`);
  expect(said).toContain("NoSuchEntity");
  expect(exit).toBe(3);
  const writes = aws.service.calls.slice(calls).map(({ action }) => action);
  expect(writes.filter((action) => /Create|Update|Delete|Tag/.test(action) && !/List/.test(action))).toEqual(
    [],
  );
  expect(tenant.status()?.rotation).toMatchObject({ outcome: "open" });
});

test("a session that expires in mid-rotation holds it, with both keys alive, until the runner has a fresh one", async () => {
  const { run, aws, old, works, rotation, tenant, estate: at } = await begin();
  const anybody = { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" };
  await aws.iam.createRole({
    RoleName: "rotator",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: anybody }),
  });
  const role = `arn:aws:iam::${aws.service.account}:role/rotator`;
  aws.service.attach(role, {
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: "iam:*", Resource: "*" },
  });
  const signIn = async (hour: number): Promise<void> => {
    at.setClock(hoursAfter(START, hour));
    const { endpoint, region, admin } = aws.service;
    const sts = new STS({ endpoint, region, credentials: admin });
    const { Credentials: session } = await sts.assumeRole({ RoleArn: role, RoleSessionName: "workflow" });
    sts.destroy();
    Object.assign(at.env, {
      AWS_ACCESS_KEY_ID: session?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: session?.SecretAccessKey,
      AWS_SESSION_TOKEN: session?.SessionToken,
    });
  };
  await signIn(0);
  await run(0);
  await signIn(1);
  await run(1);
  const { said } = await run(60);
  expect(said).toContain("session at the user");
  expect(said).toContain("has expired");
  expect(rotation()).toMatchObject({ outcome: "open", step: "deactivate" });
  expect([await works(old), await works(tenant.consumer.held())]).toEqual([true, true]);
  for (const hour of [90, 150, 210]) {
    await signIn(hour);
    await run(hour);
  }
  expect(rotation()).toMatchObject({ outcome: "done" });
  expect(tenant.consumer.tally.failures).toBe(0);
});

describe("an emergency", () => {
  test.each([{ revokeFirst: false }, { revokeFirst: true }])(
    "kills the leaked key and what it minted, and consumers go on with another one ($revokeFirst)",
    async ({ revokeFirst }) => {
      const { run, aws, old, works, tenant, estate: at, rotation } = await begin();
      await run(0);
      // Commands have the machine's clock.
      at.setClock(hoursAfter(new Date().toISOString().replace(/\.\d+Z/, "Z") as typeof START, 0));
      const acting = openActing({
        repo: at.clone(),
        progress: { step: () => undefined, warn: () => undefined },
        signal: new AbortController().signal,
        env: at.env,
        actor: "alice",
      });
      const report = await acting.declareIncident({
        credential: NAME,
        reason: "printed in a build log",
        revokeFirst,
        wait: true,
      });
      const said = report.lines.map(({ text }) => text).join("\n");
      expect([report.exit, said]).toEqual([0, said]);
      expect(await works(old)).toBe(false);
      expect(await works(tenant.consumer.held())).toBe(true);
      expect(tenant.consumer.held()["accessKeyId"]).not.toBe(old["accessKeyId"]);
      expect(said).toContain(`access key ${old["accessKeyId"]}: dead: deleted`);
      expect(said).toContain(`sessions of the user ${aws.user}`);
      expect(rotation()).toMatchObject({ outcome: "done", emergency: true });
      const { PolicyNames } = await aws.iam.listUserPolicies({ UserName: aws.user });
      expect(PolicyNames).toEqual(["cre-deny-sessions-of-incident"]);
    },
  );
});

/** One of several credentials that go through the schedule in one wave, and what it is there for. */
interface Case<K> {
  readonly of: K;
  readonly name: string;
  readonly aws: AwsIamProvider;
  readonly tenant: OverlapTenant;
  readonly works: (parts: Readonly<Record<string, string>>) => Promise<boolean>;
}

interface Wave<K> {
  readonly cases: readonly Case<K>[];
  /** A scheduled run at this hour, and what it said. */
  readonly run: (hour: number) => Promise<string>;
  readonly retry: (hour: number, name: string) => Promise<void>;
}

async function beginEach<K>(kinds: readonly K[]): Promise<Wave<K>> {
  const opened = new Map<string, AwsIamProvider>();
  const made = await createEstate(
    kinds.map((_, at) =>
      settleOverlap(`${NAME}-${at}`, async (name, clock) => {
        const provider = await openAwsIamProvider(name, clock);
        opened.set(name, provider);
        return provider;
      }),
    ),
  );
  estate = made;
  const cases = made.tenants.map((tenant, at): Case<K> => {
    const { name } = tenant.plan;
    const [aws, of] = [opened.get(name), kinds[at]];
    if (aws === undefined || of === undefined) throw new Error("a case without a credential");
    const works: Case<K>["works"] = async (parts) =>
      aws.signIn(parts).then(
        () => true,
        () => false,
      );
    return { of, name, aws, tenant, works };
  });
  return {
    cases,
    run: async (hour) => (await made.runAt(hoursAfter(START, hour))).lines.map(({ text }) => text).join("\n"),
    retry: async (hour, name) => made.retry(hoursAfter(START, hour), name),
  };
}

test("throttling, a wrong clock, and a key that is made between the look and the making: each is told, holds its own rotation, and kills no key", async () => {
  const { run, retry, cases } = await beginEach(["throttled", "late", "crowded"]);
  const [throttled, late, crowded] = cases;
  if (throttled === undefined || late === undefined || crowded === undefined) throw new Error("no wave");
  await run(0);
  throttled.aws.service.fail("iam:*", "throttled", 10_000);
  const { aws } = crowded;
  const theirs: Promise<string | undefined>[] = [];
  let tagged = 0;
  aws.service.listen(({ action }, side) => {
    if (side === "before" || action !== "iam:TagUser") return undefined;
    tagged += 1;
    // The first proves a right, the second is the intent: the key is the next that the runner makes.
    if (tagged === 2) {
      const made = aws.iam.createAccessKey({ UserName: aws.user });
      theirs.push(made.then(({ AccessKey: key }) => key?.AccessKeyId));
    }
    return undefined;
  });
  const said = await run(1);
  expect(said).toContain("throttles");
  expect(said).toContain(`the user ${aws.user} of aws ${crowded.name}-cloud has two access keys already`);
  const foreign = await theirs[0];
  expect(aws.service.keys(aws.user).map(({ id, status }) => [id, status])).toEqual([
    [aws.first["accessKeyId"], "Active"],
    [foreign, "Active"],
  ]);
  expect(crowded.tenant.status()?.rotation?.parked).toMatchObject({ code: "no-free-slot" });
  for (const each of cases) expect([each.of, await each.works(each.aws.first)]).toEqual([each.of, true]);

  aws.service.listen(undefined);
  await aws.iam.deleteAccessKey({ UserName: aws.user, AccessKeyId: foreign });
  await retry(59, crowded.name);
  throttled.aws.service.recover();
  late.aws.service.skew(900);
  expect(await run(60)).toContain("because this machine's clock is wrong");
  late.aws.service.skew(0);
  expect(late.tenant.status()?.rotation).toMatchObject({ outcome: "open", step: "deactivate" });
  expect([await late.works(late.aws.first), await late.works(late.tenant.consumer.held())]).toEqual([
    true,
    true,
  ]);

  for (const hour of [120, 180, 240]) await run(hour);
  for (const { of, tenant, aws: own, works } of cases) {
    expect([of, tenant.status()?.rotation?.outcome]).toEqual([of, "done"]);
    expect([of, await works(own.first), await works(tenant.consumer.held())]).toEqual([of, false, true]);
  }
  // The clock of the third one's application was wrong as well.
  for (const { of, tenant } of [throttled, crowded]) {
    expect([of, tenant.consumer.tally.failures]).toEqual([of, 0]);
  }
});

describe("a right that is missing in a whole rotation", () => {
  const NEEDED = [
    "iam:ListAccessKeys",
    "iam:ListUserTags",
    "iam:GetAccessKeyLastUsed",
    "iam:TagUser",
    "iam:UntagUser",
    "iam:CreateAccessKey",
    "iam:UpdateAccessKey",
    "iam:DeleteAccessKey",
  ];

  test("from its start on is named, nothing is left behind, and the old key works", async () => {
    const { run, cases } = await beginEach(NEEDED);
    await run(0);
    for (const { aws, of: action } of cases) aws.service.fail(action, "denied", 10_000);
    const said = `${await run(1)}\n${await run(60)}`;
    for (const { of: action, aws, works } of cases) {
      expect(said).toContain(`may not ${action} at the user ${aws.user}`);
      expect([action, await works(aws.first)]).toEqual([action, true]);
      expect([action, aws.service.keys(aws.user).length]).toEqual([action, 1]);
    }
  });

  test("once the new key is in use is named, and the consumer's key works; with the right given back it ends", async () => {
    const { run, retry, cases } = await beginEach(NEEDED);
    await run(0);
    await run(1);
    for (const { aws, of: action } of cases) aws.service.fail(action, "denied", 10_000);
    const said = `${await run(60)}\n${await run(120)}`;
    for (const { of: action, aws, tenant, works } of cases) {
      // What only makes keys is not needed any more.
      const needed = !["iam:CreateAccessKey"].includes(action);
      expect([action, said.includes(`may not ${action} at the user ${aws.user}`)]).toEqual([action, needed]);
      expect([action, await works(tenant.consumer.held())]).toEqual([action, true]);
      aws.service.recover();
    }
    for (const { name, tenant } of cases) {
      if (tenant.status()?.rotation?.outcome === "parked") await retry(125, name);
    }
    for (const hour of [180, 240, 300, 360]) await run(hour);
    for (const { of: action, aws, tenant, works } of cases) {
      expect([action, tenant.status()?.rotation?.outcome]).toEqual([action, "done"]);
      expect([action, await works(aws.first)]).toEqual([action, false]);
      expect([action, await works(tenant.consumer.held())]).toEqual([action, true]);
      expect([action, tenant.consumer.tally.failures]).toEqual([action, 0]);
    }
  });
});
