import { accountOfRole } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { AwsIamProvider } from "../../../core/documents/provider.ts";
import type { BoundRotator, Rotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { awsOf } from "../../clients/aws/client-options.ts";
import { containKey } from "./contain.ts";
import { adoptKey, deactivateKey, reactivateKey, revokeKey } from "./endings.ts";
import { issueKey } from "./issue.ts";
import { markedKeys, readUser, versionOf } from "./keys.ts";
import { preflight } from "./preflight.ts";
import { openClients, type Site } from "./site.ts";
import { useOfKey } from "./use.ts";
import { verifyKey } from "./verify.ts";

/**
 * Access keys of an IAM user: a second key is made beside the first, both work until the old one is proven unused, then
 * it is deactivated and, after the soak, deleted. Keys carry no tags, so the marks stand in the tags of their user.
 */
export const awsIamRotator: Rotator = {
  type: "aws-iam",
  parameters: AwsIamProvider,
  parts: ["accessKeyId", "secretAccessKey"],
  recipe: () => "overlap",
  identity: (credential, connection) => {
    const { connection: name, user } = providerOf(credential);
    const { endpoint = "", assumeRole } = awsOf(name, connection(name));
    const account = accountOfRole(assumeRole) ?? `connection ${name}`;
    return `aws-iam/${endpoint}${account}/${user}`;
  },
  objects: (credential) => [providerOf(credential).user],
  connections: (credential) => [providerOf(credential).connection],
  bind: async (name, credential, ports) => bound(siteOf(name, credential, ports)),
};

function bound({ site, close }: { readonly site: Site; readonly close: () => Promise<void> }): BoundRotator {
  return {
    identity: site.identity,
    preflight: (signal) => preflight(site, signal),
    observe: async (signal) => (await markedKeys(site, await readUser(site, signal), signal)).map(versionOf),
    adopt: (version, mark, signal) => adoptKey(site, version, mark, signal),
    issue: (mark, occupied, signal) => issueKey(site, mark, occupied, signal),
    verify: (issued, signal) => verifyKey(site, issued, signal),
    inUse: (version, since, signal) => useOfKey(site, version, since, signal),
    deactivate: (version, fence, signal) => deactivateKey(site, version, fence, signal),
    reactivate: (version, fence, signal) => reactivateKey(site, version, fence, signal),
    revoke: (version, fence, signal) => revokeKey(site, version, fence, signal),
    contain: (version, since, signal) => containKey(site, version, since, signal),
    close,
  };
}

function siteOf(
  credential: string,
  spec: CredentialSpec,
  ports: RotatorPorts,
): { readonly site: Site; readonly close: () => Promise<void> } {
  const { connection: connectionName, user } = providerOf(spec);
  const connection = awsOf(connectionName, ports.connection(connectionName));
  const reached = { credential, connection, connectionName, ports };
  const { clients, close } = openClients(reached);
  const identity = awsIamRotator.identity(spec, (name) => ports.connection(name));
  return { site: { ...reached, user, identity, clients }, close };
}

function providerOf(credential: CredentialSpec): AwsIamProvider {
  const provider = credential.provider?.["aws-iam"];
  if (provider === undefined) throw new Error("bound to a credential of another provider");
  return provider;
}
