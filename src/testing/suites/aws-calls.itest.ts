import { readFileSync } from "node:fs";
import { ACM } from "@aws-sdk/client-acm";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { awsAcmDelivery } from "../../adapters/deliveries/aws-acm/delivery.ts";
import { awsSecretsManagerDelivery } from "../../adapters/deliveries/aws-secrets-manager/delivery.ts";
import { awsSsmDelivery } from "../../adapters/deliveries/aws-ssm/delivery.ts";
import { readSecretsManagerSecret } from "../../adapters/secret-stores/aws-secrets-manager.ts";
import { readParameterSecret } from "../../adapters/secret-stores/aws-ssm.ts";
import { startAwsStandIn } from "../services/aws/aws-service.ts";
import { importAsPeople, newAttempts } from "./acm-bench.ts";
import { attemptId, bindAws, clientOf, secretsOf } from "./aws-bench.ts";
import { consignmentOf, partsOf, pushing, staging } from "./sample-consignment.ts";

const { signal } = new AbortController();
const parcel = (attempt: string) => ({ ...consignmentOf(attempt), attempt: attemptId(attempt) });
const page = new URL("../../../.github/docs/aws-deliveries.md", import.meta.url);

/** The rows of the page's table. */
function documented(): readonly string[] {
  const [, table = ""] = /<!-- calls -->\n([^]*?)\n<!-- \/calls -->/.exec(readFileSync(page, "utf8")) ?? [];
  return table.split("\n").slice(2);
}

test("the page about deliveries to AWS lists what is really called", async () => {
  const aws = await startAwsStandIn();
  const manager = new SecretsManager(clientOf(aws));
  const ssm = new SSM(clientOf(aws));
  const acm = new ACM(clientOf(aws));
  try {
    await manager.createSecret({ Name: "orders", SecretString: "{}" });
    await ssm.putParameter({ Name: "/orders", Value: "old", Type: "SecureString" });
    const secret = staging(
      await bindAws(awsSecretsManagerDelivery, aws, {
        "aws-secrets-manager": { connection: "prod-aws", secretId: "orders" },
      }),
    );
    const parameter = pushing(
      await bindAws(awsSsmDelivery, aws, {
        "aws-ssm": { connection: "prod-aws", values: { "/orders": "{password}" } },
      }),
    );
    const attempts = newAttempts();
    const certificateArn = await importAsPeople(acm, attempts);
    const certificate = pushing(
      await bindAws(awsAcmDelivery, aws, { "aws-acm": { connection: "prod-aws", certificateArn } }),
    );
    const door = {
      connectionName: "prod-aws",
      connection: { region: aws.region, endpoint: aws.endpoint },
      secrets: secretsOf(aws.admin),
    };
    const rows: string[] = [];
    const row = async (kind: string, step: string, act: () => Promise<unknown>): Promise<void> => {
      const before = aws.calls.length;
      await act();
      const calls = aws.calls.slice(before).map(({ action }) => action);
      rows.push(`| ${kind} | ${step} | ${calls.join(" ")} |`);
    };
    const stage = async (attempt: string) => secret.stage(parcel(attempt), partsOf(attempt), signal);
    const promote = async (attempt: string) => secret.promote(parcel(attempt), signal);

    const manages = "aws-secrets-manager";
    await row(manages, "preflight", async () => secret.preflight(signal));
    await row(manages, "stage", async () => stage("a1"));
    await row(manages, "promote, first", async () => promote("a1"));
    await stage("a2");
    await row(manages, "promote", async () => promote("a2"));
    await stage("a3");
    await row(manages, "abort", async () => secret.abort(parcel("a3"), signal));
    await row(manages, "stage, again after abort", async () => stage("a3"));
    await row(manages, "holds", async () => secret.holds(signal));
    await row("aws-ssm", "preflight", async () => parameter.preflight(signal));
    await row("aws-ssm", "push", async () => parameter.push(parcel("a1"), partsOf("a1"), signal));
    await row("aws-ssm", "holds", async () => parameter.holds(signal));
    await row("aws-acm", "preflight", async () => certificate.preflight(signal));
    await row("aws-acm", "push", async () => certificate.push(parcel("a1"), attempts.parts("a1"), signal));
    await row("aws-acm", "holds", async () => certificate.holds(signal));
    const own = "secret of a connection";
    await row(own, manages, async () => readSecretsManagerSecret({ ...door, secretId: "orders" }, signal));
    await row(own, "aws-ssm", async () => readParameterSecret({ ...door, name: "/orders" }, signal));
    expect(rows).toEqual(documented());
  } finally {
    manager.destroy();
    ssm.destroy();
    acm.destroy();
    await aws.close();
  }
});
