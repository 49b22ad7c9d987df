import { IAMClient } from "@aws-sdk/client-iam";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import type { AwsTestService } from "./aws-service.ts";

/** What a client signs with: of a user, or of a session. */
export interface AwsLogin {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Real clients of the SDK, which send every request once. */
export interface AwsClients extends Disposable {
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly secrets: SecretsManagerClient;
  readonly ssm: SSMClient;
}

/** Clients with this login, by default the admin's. */
export function awsClients(service: AwsTestService, login: AwsLogin = service.admin): AwsClients {
  const { endpoint, region } = service;
  const options = { endpoint, region, credentials: { ...login }, maxAttempts: 1 };
  const iam = new IAMClient(options);
  const sts = new STSClient(options);
  const secrets = new SecretsManagerClient(options);
  const ssm = new SSMClient(options);
  return {
    iam,
    sts,
    secrets,
    ssm,
    [Symbol.dispose]: () => {
      for (const client of [iam, sts, secrets, ssm]) client.destroy();
    },
  };
}
