import { randomBytes } from "node:crypto";
import { IAM } from "@aws-sdk/client-iam";
import { instantOf } from "../../../core/model/instant.ts";
import { startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import { bindAwsIam, signsIn } from "../../../testing/services/aws-orders.ts";
import type { OverlapBench } from "../../../testing/suites/overlap-bench.ts";
import { describeOverlapRotator } from "../../../testing/suites/rotator-suite.ts";
import { COARSENESS, REPORTING_LAG } from "./last-use.ts";

/** A user without keys, and beside it a stranger with one. */
async function open(): Promise<OverlapBench> {
  let now = Math.floor(Date.now() / 1000);
  const clock = { now: () => instantOf(now) };
  const service = await startAwsStandIn({ clock: () => new Date(now * 1000) });
  const { endpoint, region, admin } = service;
  const iam = new IAM({ endpoint, region, credentials: admin });
  const user = `orders-${randomBytes(4).toString("hex")}`;
  for (const name of [user, "stranger"]) await iam.createUser({ UserName: name });
  await iam.createAccessKey({ UserName: "stranger" });
  await iam.tagUser({ UserName: user, Tags: [{ Key: "team", Value: "payments" }] });
  return {
    bind: async () => bindAwsIam(service, user, { clock }),
    now: () => instantOf(now),
    pass: (seconds) => {
      now += seconds;
    },
    addByHand: async () => {
      await iam.createAccessKey({ UserName: user });
    },
    logIn: async (parts) => {
      const accessKeyId = parts.get("accessKeyId")?.reveal() ?? "";
      const secretAccessKey = parts.get("secretAccessKey")?.reveal() ?? "";
      const works = await signsIn(service, { accessKeyId, secretAccessKey });
      // A consumer does more than to ask who it is.
      if (works) service.use(accessKeyId, { at: new Date(now * 1000), service: "s3", region });
      return works;
    },
    others: async () => ({
      keys: service.keys("stranger"),
      tags: (await iam.listUserTags({ UserName: user })).Tags?.filter(({ Key }) => !Key?.startsWith("cre/")),
    }),
    close: async () => {
      iam.destroy();
      await service.close();
    },
  };
}

describeOverlapRotator(
  "aws-iam",
  {
    fencesEpochs: true,
    seesUse: true,
    toldWithin: REPORTING_LAG,
    coarseness: COARSENESS + 1,
    seesRefusedUse: false,
  },
  async () => open(),
);
