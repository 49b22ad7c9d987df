import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { secretsOf } from "../../../testing/suites/aws-bench.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import { listen } from "../../../testing/suites/webhook-bench.ts";
import { awsClientOptions } from "./client-options.ts";
import { send } from "./sending.ts";

const { signal } = new AbortController();
const LOGIN = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "none" };

test.each(['{"SecretString": canary-1}', "canary-1", '{"SecretString":"a" canary-1}'])(
  "an answer that cannot be read is never quoted: %s",
  async (body) => {
    const server = await listen((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(body);
    });
    const connection = { region: "eu-central-1", endpoint: `http://127.0.0.1:${server.port}` };
    const login = { name: "prod", connection, secrets: secretsOf(LOGIN), credential: "orders" };
    const client = new SecretsManager(await awsClientOptions(login, "effect"));
    const call = { place: "secret orders", action: "secretsmanager:GetSecretValue" };
    const failure = await failureOf(
      send(Promise.resolve(client), call, signal, async (ready, options) =>
        ready.getSecretValue({ SecretId: "orders" }, options),
      ),
    );
    client.destroy();
    await server.close();
    expect(failure).toMatchObject({ outcome: "unknown", code: "no-answer", evidence: "SyntaxError" });
  },
);
