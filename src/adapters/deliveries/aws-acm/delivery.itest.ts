import { afterAll, beforeAll, describe } from "vitest";
import { type AwsTestService, awsServices } from "../../../testing/services/aws/aws-service.ts";
import { openCertificateBench } from "../../../testing/suites/acm-bench.ts";
import { describePushDelivery } from "../../../testing/suites/push-suite.ts";

describe.each(awsServices())("AWS of $name", ({ name, start }) => {
  let service: AwsTestService;
  beforeAll(async () => {
    service = await start();
  });
  afterAll(async () => service.close());

  describePushDelivery("aws-acm", async () => openCertificateBench(service), {
    // moto takes its time.
    sequences: name === "moto" ? 3 : 10,
  });
});
