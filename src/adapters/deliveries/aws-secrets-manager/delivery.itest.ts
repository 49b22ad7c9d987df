import { afterAll, beforeAll, describe } from "vitest";
import { type AwsTestService, awsServices } from "../../../testing/services/aws/aws-service.ts";
import { openSecretBench } from "../../../testing/suites/aws-bench.ts";
import { describeStagingDelivery } from "../../../testing/suites/delivery-suite.ts";

describe.each(awsServices())("AWS of $name", ({ name, start }) => {
  let service: AwsTestService;
  beforeAll(async () => {
    service = await start();
  });
  afterAll(async () => service.close());

  describeStagingDelivery("aws-secrets-manager", async () => openSecretBench(service), {
    // moto takes its time.
    sequences: name === "moto" ? 8 : 25,
  });
});
